using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// chat-sample FOLDER: a conversation with a model larger than fast memory, line by line, in this process.
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSubSpec(options => options.Model = args[0]);
using IHost host = builder.Build();
IChatClient chat = host.Services.GetRequiredService<IChatClient>();

var conversation = new List<ChatMessage>();
while (Console.ReadLine() is { } line)
{
    conversation.Add(new ChatMessage(ChatRole.User, line));
    var answer = new List<ChatResponseUpdate>();
    await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(conversation, new ChatOptions { Temperature = 0, MaxOutputTokens = 60 }))
    {
        Console.Write(update.Text);
        answer.Add(update);
    }
    Console.WriteLine();
    conversation.AddMessages(answer);
}
