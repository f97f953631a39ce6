using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using SubSpec.Server.Http.Errors;

namespace SubSpec.Server.Http.Requests;

/// <summary>The body of a request as JSON, of bounded size.</summary>
internal static class JsonBody
{
    private const int Depth = 64;

    // Of a body that is refused, so much is still taken off the wire (for five seconds at most) that its sender gets to read why: a connection that
    // is closed while he writes is all that he would see.
    private const long Drained = 8L * ServeLimits.BodyBytes;

    /// <exception cref="ApiException">It is no JSON, or a text in it is none.</exception>
    /// <exception cref="BadHttpRequestException">It is too large, or comes too slowly.</exception>
    public static async Task<JsonElement> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        if (!request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "invalid_request_error", null, "unsupported_media_type", "the body must be JSON: send 'Content-Type: application/json'");
        }
        if (request.Headers.ContentEncoding.Count > 0)
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "invalid_request_error", null, "unsupported_media_type", "the body is compressed: send it without 'Content-Encoding'");
        }
        ReadOnlyMemory<byte> body = await BytesAsync(request, cancel);
        if (!Utf8.IsValid(body.Span)) throw ApiException.Bad(null, "the body is not UTF-8 text");
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = Depth, AllowDuplicateProperties = false });
            // UTF-8 has no half surrogate pairs; escapes may.
            if (body.Span.IndexOf("\\u"u8) >= 0) CheckText(document.RootElement, "");
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw ApiException.Bad(null, $"the body is not JSON: {e.Message.TrimEnd('.')}");
        }
        catch (InvalidOperationException)
        {
            // Looking for duplicates reads every name.
            throw ApiException.Bad(null, "a name in the body is no text: it holds half a surrogate pair");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> BytesAsync(HttpRequest request, CancellationToken cancel)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = Drained;
        if (request.ContentLength > ServeLimits.BodyBytes) throw TooLarge();
        var bytes = new MemoryStream();
        byte[] block = new byte[16 << 10];
        for (int read; (read = await request.Body.ReadAsync(block, cancel)) > 0;)
        {
            if (bytes.Length + read > ServeLimits.BodyBytes) throw TooLarge();
            bytes.Write(block, 0, read);
        }
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private static BadHttpRequestException TooLarge() => new("the body is too large", StatusCodes.Status413PayloadTooLarge);

    private static void CheckText(JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in value.EnumerateObject()) CheckText(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}");
                break;
            case JsonValueKind.Array:
                int i = 0;
                foreach (JsonElement item in value.EnumerateArray()) CheckText(item, $"{path}[{i++}]");
                break;
            case JsonValueKind.String:
                if (!IsText(value)) throw ApiException.Bad(path, $"'{path}' is no text: it holds half a surrogate pair");
                break;
        }
    }

    private static bool IsText(JsonElement text)
    {
        try
        {
            return text.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
