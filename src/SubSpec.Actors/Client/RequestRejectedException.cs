namespace SubSpec.Actors.Client;

/// <summary>The service has too much to do, or the session id is in use: nothing was generated, and trying later may help.</summary>
public sealed class RequestRejectedException(string message) : Exception(message);
