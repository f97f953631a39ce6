using Microsoft.Extensions.Logging.Console;

namespace SubSpec.Server.Http.Logging;

/// <summary>The log: a line each to standard error, with the request's id; or a JSON object each.</summary>
internal static class ServiceLog
{
    private const string Time = "yyyy-MM-dd HH:mm:ss.fff ";

    public static void AddServiceLog(this ILoggingBuilder logging, bool json)
    {
        // The web server's scope has ids of its own, which nobody was told.
        logging.SetMinimumLevel(LogLevel.Warning).AddFilter("SubSpec", LogLevel.Information).AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        if (json) logging.AddJsonConsole(o => (o.IncludeScopes, o.UseUtcTimestamp, o.TimestampFormat) = (true, true, "O"));
        else logging.AddSimpleConsole(o => (o.IncludeScopes, o.SingleLine, o.TimestampFormat, o.ColorBehavior) = (true, true, Time, LoggerColorBehavior.Disabled));
        logging.Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
