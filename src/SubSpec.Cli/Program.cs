using SubSpec.Cli;

return 0;
