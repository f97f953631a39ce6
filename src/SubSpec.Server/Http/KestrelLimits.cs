using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SubSpec.Server.Http;

/// <summary>What the web server takes, before anything of ours sees it.</summary>
internal static class KestrelLimits
{
    private const int RequestLineBytes = 4 << 10;

    public static void Apply(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.Limits.MaxRequestBodySize = ServeLimits.BodyBytes;
        server.Limits.MaxRequestHeadersTotalSize = ServeLimits.HeaderBytes;
        server.Limits.MaxRequestHeaderCount = ServeLimits.Headers;
        server.Limits.MaxRequestLineSize = RequestLineBytes;
        server.Limits.MaxConcurrentConnections = ServeLimits.Connections;
        // A reader may take its time: it holds up nobody, and what waits for it is one answer. A body that is read has one of the
        // places, so it must come at a rate at which the largest one takes four minutes.
        server.Limits.MinResponseDataRate = null;
        server.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: ServeLimits.BodyBytes / 240, gracePeriod: TimeSpan.FromSeconds(10));
    }
}
