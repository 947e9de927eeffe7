namespace Grid.Bench.Load.Capacity.History;

/// <summary>A scan as it was asked, so that it can be asked again.</summary>
internal readonly record struct AskedScan(Guid Id, byte[] Code, int Venue);

/// <summary>A scan that was answered, with the fingerprint of its outcome.</summary>
internal readonly record struct AnsweredScan(AskedScan Asked, ulong Outcome);

/// <summary>Every scan that the grid acknowledged. Written by one thread; read when the load is over.</summary>
internal sealed class ScanHistory(int maxKept = ScanHistory.KeptMaxDefault)
{
    /// <summary>About 200 bytes each with the code: 600 MB at the most.</summary>
    public const int KeptMaxDefault = 3_000_000;

    private readonly List<AnsweredScan> _answered = [];

    public IReadOnlyList<AnsweredScan> Answered => _answered;

    /// <summary>Acknowledged scans that are not kept, because there were too many: they go unchecked, and a report says so.</summary>
    public long NotKept { get; private set; }

    public void Acknowledge(in AskedScan asked, ReadOnlySpan<byte> outcome)
    {
        if (_answered.Count < maxKept)
            _answered.Add(new AnsweredScan(asked, Fingerprint.Of(outcome)));
        else
            NotKept++;
    }
}
