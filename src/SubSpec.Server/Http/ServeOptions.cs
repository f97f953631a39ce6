using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Http;
using SubSpec.Core;

namespace SubSpec.Server.Http;

/// <summary>How to serve. What to serve is in <see cref="HostOptions"/>.</summary>
public sealed record ServeOptions
{
    public const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>Addresses to listen on.</summary>
    public ImmutableArray<string> Urls { get; init; } = [DefaultUrl];

    /// <summary>Keys of which a request must present one; empty for none.</summary>
    public ImmutableArray<string> ApiKeys { get; init; } = [];

    /// <summary>Sequences that may wait for a session.</summary>
    public int Queue { get; init; } = 32;

    /// <summary>Time without requests after which the model is unloaded; null for never.</summary>
    public TimeSpan? IdleUnload { get; init; }

    /// <summary>The most of it: timers count to 49 days.</summary>
    public static TimeSpan LongestIdle { get; } = TimeSpan.FromDays(30);

    /// <summary>Time that requests get to end in when the service stops; then they are cancelled.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Names by which the service may be called, besides localhost and addresses.</summary>
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    /// <summary>Sites whose pages may call the service, as <c>https://example.org</c>.</summary>
    public ImmutableArray<string> AllowedOrigins { get; init; } = [];

    /// <summary>Whether the log is a JSON object a line.</summary>
    public bool JsonLog { get; init; }

    public ServeLimits Limits { get; init; } = new();

    /// <summary>Throws <see cref="BadInputException"/> for what cannot be served, or not safely.</summary>
    public void Validate()
    {
        if (Urls.IsDefaultOrEmpty) throw new BadInputException($"no address to listen on: give --urls {DefaultUrl}");
        if (ApiKeys.Any(string.IsNullOrWhiteSpace)) throw new BadInputException("an API key is empty: give one of some length, or leave it out");
        foreach (string url in Urls)
        {
            if (!IsLoopback(url) && ApiKeys.IsEmpty)
                throw new BadInputException($"--urls {url} is open to others than this machine: give --api-key KEY, or listen on 127.0.0.1");
        }
        foreach (string host in AllowedHosts)
        {
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown) throw new BadInputException($"--allow-host '{host}' is no name: write it like llm.example.org, without a port");
        }
        foreach (string origin in AllowedOrigins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
                throw new BadInputException($"--allow-origin '{origin}' is no origin: write it like https://example.org");
        }
    }

    private static bool IsLoopback(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException e)
        {
            throw new BadInputException($"--urls '{url}' is no address: write it like {DefaultUrl}", e);
        }
        if (address.Scheme != Uri.UriSchemeHttp || address.IsUnixPipe || address.IsNamedPipe || address.PathBase.Length > 0)
            throw new BadInputException($"--urls '{url}' cannot be served: give http://ADDRESS:PORT, and put a proxy before it for more");
        return address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));
    }
}
