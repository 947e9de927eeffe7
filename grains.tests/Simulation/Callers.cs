using Grid.Gateway.Calls;

namespace Grid.Tests.Simulation;

/// <summary>
/// All callers: phones, doors, samplers, laboratories, clinics. They repeat a command until it is answered, but not a
/// display.
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

    /// <summary>The commands without an answer yet.</summary>
    internal IEnumerable<string> Busy => _busy.Order(StringComparer.Ordinal);

    /// <summary>Whether all callers are done.</summary>
    internal bool AreDone { get; private set; }

    /// <summary>Starts all callers. After the storm they read everything once more.</summary>
    internal void Start(Storm storm)
    {
        // The actions are spread over the storm, so that they meet each other and the faults.
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
        catch (Exception exception)
        {
            if (!IsExpected(exception))
                world.Fail($"{what} ended in {exception}");
            return (false, default!);
        }
    }

    // Failures that a gateway reports as retryable; any other is a bug of the grid.
    private static bool IsExpected(Exception exception) =>
        exception switch
        {
            LinkException or TimeoutException => true,
            StoreException store => store.Code
                is StoreErrorCodes.Unavailable
                    or StoreErrorCodes.Overloaded
                    or StoreErrorCodes.Full,
            _ => OrleansExceptions.CodeOf(exception) is not null,
        };

    private Task Pause(double leastMs, double mostMs) =>
        Task.Delay(new TimeSpan(_random.Ticks(leastMs, mostMs)), process.Clock);

    private async Task Until(Fact fact)
    {
        while (!fact.IsKnown)
            await Pause(10, 50);
    }
}
