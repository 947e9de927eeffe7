using Grid.Gateway.Calls;

namespace Grid.Tests.Simulation;

/// <summary>
/// Everybody outside: phones, doors, samplers, laboratories, clinics. A command is sent again until it is answered; a look at
/// a phone is not.
/// </summary>
internal sealed partial class Callers(
    SimWorld world,
    Links links,
    SimProcess process,
    IReadOnlyList<Entrance> entrances,
    Town town,
    Checks checks
)
{
    private readonly SimRandom _random = world.Random.Fork(3);
    private readonly HashSet<string> _busy = [];
    private readonly List<Task> _looks = [];
    private double _spreadMs;

    /// <summary>The commands that wait for an answer.</summary>
    internal IEnumerable<string> Busy => _busy.Order(StringComparer.Ordinal);

    /// <summary>Whether everybody has done what there was to do.</summary>
    internal bool AreDone { get; private set; }

    /// <summary>Lets everybody begin; then, when told that all is well, everything is looked at once more.</summary>
    internal void Start(Storm storm)
    {
        // People come as long as it lasts, so that they meet each other and the faults.
        _spreadMs = storm.End / (double)TimeSpan.TicksPerMillisecond * 0.6;
        process.Start(() => _ = RunAsync(storm.Calm));
    }

    private async Task RunAsync(Task calm)
    {
        var deeds = new List<Task>();
        deeds.Add(Administrator());
        deeds.AddRange(town.People.Select(Registrar));
        deeds.AddRange(town.People.SelectMany(static person => person.Doses, Clinic));
        deeds.AddRange(town.Tubes.Select(Sampler));
        deeds.AddRange(town.Tubes.Select(Laboratory));
        deeds.AddRange(Enumerable.Range(0, _random.Between(1, 4)).Select(_ => Phone(calm)));
        deeds.AddRange(town.Scans.Chunk(4).Select(Door));
        await Task.WhenAll(deeds);
        await calm;
        await Task.WhenAll(_looks);
        await checks.UntilNothingIsOld(process.Clock);
        await LookAtEverything();
        AreDone = true;
    }

    private async Task<T> Insist<T>(string what, Func<SimGateway, Task<T>> work, CallKind kind = CallKind.Several)
    {
        _busy.Add(what);
        for (var attempt = 0; ; attempt++)
        {
            var (isAnswered, answer) = await Try(what, work, kind);
            if (isAnswered)
            {
                _busy.Remove(what);
                return answer;
            }

            await Pause(20, Math.Min(1_000, 100 << Math.Min(attempt, 4)));
        }
    }

    private async Task<(bool IsAnswered, T Answer)> Try<T>(
        string what,
        Func<SimGateway, Task<T>> work,
        CallKind kind,
        Entrance? at = null
    )
    {
        try
        {
            return (true, await links.Ask(at ?? _random.Pick(entrances), what, kind, work));
        }
        catch (Exception error)
        {
            if (!IsExpected(error))
                world.Fail($"{what} ended in {error}");
            return (false, default!);
        }
    }

    // What a gateway turns into "try again"; anything else is a fault of the grid.
    private static bool IsExpected(Exception error) =>
        error switch
        {
            LinkException or TimeoutException => true,
            StoreException store => store.Code
                is StoreErrorCodes.Unavailable
                    or StoreErrorCodes.Overloaded
                    or StoreErrorCodes.Full,
            _ => OrleansExceptions.CodeOf(error) is not null,
        };

    private Task Pause(double leastMs, double mostMs) =>
        Task.Delay(new TimeSpan(_random.Ticks(leastMs, mostMs)), process.Clock);

    private async Task Until(Fact fact)
    {
        while (!fact.IsKnown)
            await Pause(10, 50);
    }
}
