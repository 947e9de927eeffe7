using System.Globalization;
using Grid.Bench.Load.Capacity.History;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Capacity.Traffic;

/// <summary>
/// The requests of a city, by weight, and the history of what was acknowledged. It outlives single runs of load, so
/// that the check at the end covers all of them. Used by one thread at a time.
/// </summary>
internal sealed class CityTraffic : IRequestSource
{
    private const int CodesKept = 8_192;
    private static readonly TimeSpan MinGap = TimeSpan.FromMilliseconds(100);

    private readonly PhoneSource _phones;
    private readonly DoorSource _doors;
    private readonly DoorSource _batches;
    private readonly SamplingSource _sampling;
    private readonly TrafficMix _mix;
    private readonly Random _random;

    public CityTraffic(
        Crowd crowd,
        IReadOnlyList<int> siloPorts,
        string host,
        TrafficMix mix,
        double zipf,
        int seed,
        TimeProvider time
    )
    {
        _mix = mix;
        _random = new Random(seed);
        var now = time.GetUtcNow();
        Results = new ResultHistory(crowd.ResidentIds.Count, now);
        Silos = new SiloAvailability(SiloAvailability.Place(crowd.ResidentIds, siloPorts), MinGap);
        var codes = new CodeRing(CodesKept);
        var devices = crowd.Devices(host);
        var ids = new ScanIds(seed, time);
        _phones = new PhoneSource(
            crowd.Displays(host),
            new ZipfSampler(crowd.ResidentIds.Count, zipf, seed),
            codes,
            Results,
            Silos
        );
        _doors = new DoorSource(devices, codes, Scans, ids, batch: 0, seed + 1);
        _batches = new DoorSource(devices, codes, Scans, ids, mix.BatchScans, seed + 2);
        var run = now.ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);
        _sampling = new SamplingSource(crowd, Results, host, run, mix.TubeMembers, time);
    }

    public ScanHistory Scans { get; } = new();

    public ResultHistory Results { get; }

    public SiloAvailability Silos { get; }

    public long TubesAbandoned => _sampling.Abandoned;

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        var draw = _random.Next(_mix.Total) - _mix.Display;
        if (draw < 0)
            return _phones.TryNext(request, out tag);
        if ((draw -= _mix.Sampling) < 0)
            return _sampling.TryNext(request, out tag);
        var door = draw - _mix.Scan < 0 ? _doors : _batches;
        // No code is fresh enough: show one, so that the next scan has it.
        return door.TryNext(request, out tag) || _phones.TryNext(request, out tag);
    }

    public Verdict Judge(in RequestTag tag, in Response response) => Of(tag.Kind).Judge(tag, response);

    public void GivenUp(in RequestTag tag, Verdict verdict) => Of(tag.Kind).GivenUp(tag, verdict);

    private IRequestSource Of(RequestKind kind) =>
        kind switch
        {
            RequestKind.Display => _phones,
            RequestKind.Scan => _doors,
            RequestKind.ScanBatch => _batches,
            _ => _sampling,
        };
}
