namespace Grid.Bench.Load.Capacity.History;

/// <summary>A scan request, kept so that it can be replayed.</summary>
internal readonly record struct AskedScan(Guid Id, byte[] Code, int Venue);

/// <summary>An answered scan, with the fingerprint of its outcome.</summary>
internal readonly record struct AnsweredScan(AskedScan Asked, ulong Outcome);

/// <summary>Keeps every scan that the grid acknowledged. Written by one thread; read after the load.</summary>
internal sealed class ScanHistory(int maxKept = ScanHistory.KeptMaxDefault)
{
    /// <summary>About 200 bytes each with the code: at most 600 MB.</summary>
    public const int KeptMaxDefault = 3_000_000;

    private readonly List<AnsweredScan> _answered = [];

    public IReadOnlyList<AnsweredScan> Answered => _answered;

    /// <summary>Acknowledged scans beyond the limit: they are not checked, and the report says so.</summary>
    public long NotKept { get; private set; }

    public void Acknowledge(in AskedScan asked, ReadOnlySpan<byte> outcome)
    {
        if (_answered.Count < maxKept)
            _answered.Add(new AnsweredScan(asked, Fingerprint.Of(outcome)));
        else
            NotKept++;
    }
}
