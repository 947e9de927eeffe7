namespace Grid.Tests.Simulation;

/// <summary>
/// The network between callers and gateways. It delays, loses and duplicates requests and delays or loses answers;
/// callers time out.
/// </summary>
internal sealed class Links(SimWorld world, SimWeather weather, SimProcess callers)
{
    // The deadline of a call and of a request is 2 s; the rest allows for a busy thread pool.
    private static readonly long Longest = SimWorld.Ms(2_000 + 300);

    // The chance that a dead address refuses a connection instead of dropping it.
    private const double ResetChance = 0.7;

    private readonly SimRandom _random = world.Random.Fork(2);
    private int _calls;

    /// <summary>The number of answered and of failed calls.</summary>
    internal int Answered { get; private set; }

    /// <inheritdoc cref="Answered"/>
    internal int Unanswered { get; private set; }

    /// <summary>Sends a call to a gateway.</summary>
    /// <param name="at">The address of the gateway.</param>
    /// <param name="what">The name of the call in the log.</param>
    /// <param name="kind">Which time limit applies.</param>
    /// <param name="work">The work of the gateway; a duplicate runs it twice.</param>
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

        /// <summary>Delivers the request to the machine.</summary>
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
            var startedAt = process.World.Now - process.Frozen;
            at.Add(this);
            Action settle;
            if (kind != CallKind.One)
                gateway.StartDeadline();
            try
            {
                var result = await work(gateway);
                settle = () => _answer.TrySetResult(result);
            }
            catch (Exception exception)
            {
                settle = () => _answer.TrySetException(exception);
            }

            at.Remove(this);
            var elapsed = process.World.Now - process.Frozen - startedAt;
            if (elapsed > Longest)
                process.World.Fail($"{What} took {elapsed / TimeSpan.TicksPerMillisecond} ms in {process.Name}");
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

/// <summary>The time limit of a request.</summary>
internal enum CallKind
{
    /// <summary>One grain call: the time-out of the call.</summary>
    One,

    /// <summary>Several grain calls: the deadline of the request.</summary>
    Several,
}
