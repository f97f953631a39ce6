namespace SubSpec.Server.Http.Observing;

/// <summary>Told about every generation request when it is over. Register any number; they must be quick and must not throw.</summary>
public interface IRequestObserver
{
    void Finished(RequestRecord record);
}
