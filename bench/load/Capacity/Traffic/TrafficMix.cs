using Grid.Bench.Load.CommandLine;

namespace Grid.Bench.Load.Capacity.Traffic;

/// <summary>The composition of a scenario's requests, as weights.</summary>
/// <param name="Display">Residents who look at their code.</param>
/// <param name="Scan">Doors that scan a recently shown code.</param>
/// <param name="Batch">Doors that send <paramref name="BatchScans"/> scans at once.</param>
/// <param name="Sampling">Steps of tubes: registered, a sample for each member, sealed, reported by the
/// laboratory.</param>
/// <param name="BatchScans">Scans of a batch.</param>
/// <param name="TubeMembers">Members of a tube: 1, 5, 10 or 20.</param>
internal sealed record TrafficMix(
    int Display,
    int Scan,
    int Batch,
    int Sampling,
    int BatchScans = 20,
    int TubeMembers = 5
)
{
    /// <summary>Scans need recently shown codes: without displays there is nothing to scan.</summary>
    public const double MinDisplayShare = 0.05;

    /// <summary>An ordinary morning: codes shown, doors passed, some queues at sampling sites.</summary>
    public static readonly TrafficMix Mixed = new(60, 34, 1, 5);

    /// <summary>A mass test day: most requests come from sampling sites and laboratories.</summary>
    public static readonly TrafficMix MassTest = new(40, 5, 0, 55, TubeMembers: 10);

    /// <summary>A wave of travellers at the check-points: everybody shows a code and is scanned.</summary>
    public static readonly TrafficMix Checkpoint = new(48, 48, 4, 0);

    /// <summary>Displays alone: a change of the gateways must not affect them.</summary>
    public static readonly TrafficMix Displays = new(1, 0, 0, 0);

    public int Total => Display + Scan + Batch + Sampling;

    /// <summary>Requests for one tube of this mix.</summary>
    public int StepsOfTube => TubeMembers + 3;

    /// <summary>
    /// Rows written for an average request: visits, samples, tubes and results, as the store counts them.
    /// </summary>
    public double ScansPerRequest => (Scan + (double)Batch * BatchScans) / Total;

    /// <c>display=60,scan=34,batch=1,sampling=5</c>; a weight that is not named is 0.
    public static TrafficMix Parse(string text)
    {
        string[] names = ["display", "scan", "batch", "sampling"];
        var parts = new int[names.Length];
        foreach (var part in text.Split(','))
        {
            var equals = part.IndexOf('=');
            var name = equals < 0 ? -1 : Array.IndexOf(names, part[..equals]);
            if (name < 0 || !int.TryParse(part[(equals + 1)..], out parts[name]) || parts[name] is < 0 or > 1_000_000)
                throw new LoadException($"--mix is parts such as display=60,scan=34,batch=1,sampling=5; not '{text}'");
        }
        var mix = new TrafficMix(parts[0], parts[1], parts[2], parts[3]);
        return mix.Display >= MinDisplayShare * mix.Total && mix.Total > 0
            ? mix
            : throw new LoadException(
                $"--mix needs displays, at least {MinDisplayShare:0%} of all: doors scan codes that were shown"
            );
    }

    public override string ToString() => $"display={Display},scan={Scan},batch={Batch},sampling={Sampling}";
}
