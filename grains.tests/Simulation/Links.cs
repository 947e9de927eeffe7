namespace Grid.Tests.Simulation;

/// <summary>
/// The way of callers to the gateways: a request may be late, lost or come twice, and so may its answer; a caller gives up
/// when it has waited long enough.
/// </summary>
internal sealed class Links(SimWorld world, SimWeather weather, SimProcess callers)
{
    // No call outlives 2 s, and neither do all calls of a request; the rest is the time that a busy pool takes.
    private static readonly long Longest = SimWorld.Ms(2_000 + 300);

    // A caller of a dead machine's address hears "refused" more often than nothing.
    private const double ResetChance = 0.7;

    private readonly SimRandom _random = world.Random.Fork(2);
    private int _calls;

    /// <summary>Calls that were answered, and that were not.</summary>
    internal int Answered { get; private set; }

    /// <inheritdoc cref="Answered"/>
    internal int Unanswered { get; private set; }

    /// <summary>Asks a gateway.</summary>
    /// <param name="at">Which.</param>
    /// <param name="what">For the log.</param>
    /// <param name="kind">What it asks for.</param>
    /// <param name="work">What the gateway does; it may be done twice.</param>
    internal Task<T> Ask<T>(Entrance at, string what, CallKind kind, Func<SimGateway, Task<T>> work)
    {
        var call = new LinkCall<T>(this, at, $"#{++_calls} {what}", kind, work);
        world.Log.Say($"{call.What} → {at.Name}");
        if (!_random.Chance(weather.LinkLoses))
            world.After(Delay(), null, call.Arrive);
        if (_random.Chance(weather.LinkDoubles))
            world.After(Delay() * 3, null, call.Arrive);
        world.After(_random.Ticks(1_000, 3_000), callers, call.GiveUp);
        return call.Answer;
    }

    private long Delay() => _random.Ticks(weather.LinkMs * 0.3, weather.LinkMs * (_random.Chance(0.05) ? 20 : 2));

    private sealed class LinkCall<T>(
        Links links,
        Entrance at,
        string what,
        CallKind kind,
        Func<SimGateway, Task<T>> work
    ) : ILinkCall
    {
        private readonly TaskCompletionSource<T> _answer = new();

        internal string What { get; } = what;

        internal Task<T> Answer => _answer.Task;

        /// <summary>The request has reached the machine.</summary>
        internal void Arrive()
        {
            if (at is { IsOpen: true, Process: { } process, Gateway: { } gateway })
                process.Start(() => _ = Serve(process, gateway));
            else if (links._random.Chance(ResetChance))
                Reply(() => _answer.TrySetException(new LinkException("refused")));
        }

        /// <inheritdoc/>
        public void Break()
        {
            if (links._random.Chance(ResetChance))
                Reply(() => _answer.TrySetException(new LinkException("reset")));
        }

        internal void GiveUp() => Settle(() => _answer.TrySetException(new LinkException("no answer in time")));

        private async Task Serve(SimProcess process, SimGateway gateway)
        {
            var began = process.World.Now - process.Frozen;
            at.Add(this);
            Action settle;
            if (kind != CallKind.One)
                gateway.StartDeadline();
            try
            {
                var result = await work(gateway);
                settle = () => _answer.TrySetResult(result);
            }
            catch (Exception error)
            {
                settle = () => _answer.TrySetException(error);
            }

            at.Remove(this);
            var took = process.World.Now - process.Frozen - began;
            if (took > Longest)
                process.World.Fail($"{What} took {took / TimeSpan.TicksPerMillisecond} ms in {process.Name}");
            if (!links._random.Chance(links.Lost))
                Reply(settle);
        }

        private void Reply(Action settle) => links.Reply(() => Settle(settle));

        private void Settle(Action settle)
        {
            if (_answer.Task.IsCompleted)
                return;
            settle();
            links.Note(What, _answer.Task);
        }
    }

    private double Lost => weather.LinkLoses;

    private void Reply(Action settle) => world.After(Delay(), callers, settle);

    private void Note(string what, Task answer)
    {
        if (answer.IsFaulted)
            Unanswered++;
        else
            Answered++;
        world.Log.Mark(answer.IsFaulted ? 1 : 2, _calls);
        world.Log.Say($"{what}: {(answer.IsFaulted ? answer.Exception!.InnerException!.Message : "answered")}");
    }
}

/// <summary>What a request is bounded by.</summary>
internal enum CallKind
{
    /// <summary>One call of a grain: its time-out.</summary>
    One,

    /// <summary>Several calls: the deadline of the request.</summary>
    Several,
}
