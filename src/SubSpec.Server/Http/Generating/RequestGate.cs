using System.Globalization;
using SubSpec.Server.Http.Errors;

namespace SubSpec.Server.Http.Generating;

/// <summary>
/// Bounds what is in the house: as many sequences as may run and wait together. A request takes a place before its body is read, so
/// that bodies are bounded too, and gives it back when its last sequence has ended, whether or not its reader has read all of it.
/// </summary>
internal sealed class RequestGate(int sessions, int queue, TimeProvider time)
{
    private const double Smoothing = 0.2;
    private const int LongestRetry = 120;

    private readonly Lock _lock = new();
    private int _taken;
    private double _meanSeconds = 1;

    /// <summary>Sequences that one request may have at most.</summary>
    public int Capacity => sessions + queue;

    /// <summary>Sequences in the house.</summary>
    public int Taken
    {
        get
        {
            lock (_lock) return _taken;
        }
    }

    /// <exception cref="ApiException">There is no place.</exception>
    public Place Enter()
    {
        Take(1);
        return new Place(this, time.GetTimestamp());
    }

    private void Take(int more)
    {
        lock (_lock)
        {
            if (_taken + more > Capacity)
                throw ApiException.Busy(string.Create(CultureInfo.InvariantCulture, $"{sessions} answers can be under way and {queue} can wait, and there is no place for {more} more: try again later"), RetryAfter());
            _taken += more;
        }
    }

    // The time in which one of those that run is likely to end.
    private int RetryAfter() => Math.Clamp((int)Math.Ceiling(_meanSeconds / sessions), 1, LongestRetry);

    private void Return(int places)
    {
        lock (_lock) _taken -= places;
    }

    private void Answered(long entered)
    {
        double seconds = time.GetElapsedTime(entered).TotalSeconds;
        lock (_lock) _meanSeconds += Smoothing * (seconds - _meanSeconds);
    }

    /// <summary>A request's places.</summary>
    internal sealed class Place(RequestGate gate, long entered) : IDisposable
    {
        private int _places = 1;

        /// <summary>Takes places for all sequences of the request.</summary>
        /// <exception cref="ApiException">There are not as many.</exception>
        public void Grow(int sequences)
        {
            gate.Take(sequences - _places);
            _places = sequences;
        }

        /// <summary>Its last sequence has ended: gives the places back, and takes note of how long such a request takes.</summary>
        public void End()
        {
            gate.Answered(entered);
            Dispose();
        }

        /// <summary>Gives the places back. Once is enough.</summary>
        public void Dispose()
        {
            int places = Interlocked.Exchange(ref _places, 0);
            if (places > 0) gate.Return(places);
        }
    }
}
