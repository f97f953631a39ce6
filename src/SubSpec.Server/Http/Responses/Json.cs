using System.Text.Encodings.Web;
using System.Text.Json;

namespace SubSpec.Server.Http.Responses;

/// <summary>JSON as OpenAI writes it: names in <c>snake_case</c>.</summary>
internal static class Json
{
    /// <summary>The relaxed encoder leaves text readable; nothing here is put into a web page unescaped.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes a whole body.</summary>
    public static Task WriteAsync(HttpResponse response, object body, CancellationToken cancel) =>
        response.WriteAsJsonAsync(body, body.GetType(), Options, "application/json; charset=utf-8", cancel);

    public static byte[] Utf8(object body) => JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), Options);
}
