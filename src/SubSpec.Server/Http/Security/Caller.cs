namespace SubSpec.Server.Http.Security;

/// <summary>Who asks: nothing of one scope is shared with another.</summary>
/// <param name="Scope">Stands for the API key without telling it; empty where none is required.</param>
internal sealed record Caller(string Scope)
{
    public static Caller Anyone { get; } = new("");

    public static Caller Of(HttpContext http) => http.Features.Get<Caller>() ?? Anyone;
}
