using Microsoft.Extensions.Options;

namespace Grid.Silo.Cluster;

/// <summary>
/// The partitions of this silo. A grain is activated only in a partition that this silo has, and at most one silo has a
/// partition at a time:
/// <list type="bullet">
/// <item>A silo that the map gives a partition marks it, then asks every other living silo. It has the partition when each said,
/// after the mark, that it neither serves, takes nor hands over the partition. Of two that mark at once each hears of the other.</item>
/// <item>A silo that was declared dead is not asked. Its gate is shut within the lease, so the others wait for the hold first.</item>
/// <item>A silo that the map takes a partition from ends its activations there, those used lately by migration, and then gives
/// it away. Until then it serves, and calls that reach the new silo are sent on to it.</item>
/// </list>
/// </summary>
internal sealed partial class PartitionOwnership : IPartitionsTaken, ILifecycleParticipant<ISiloLifecycle>
{
    // Partitions handed over at once: a call to one of them waits until it is through.
    private const int MaxHandedOverAtOnce = 8;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMilliseconds(500);

    // Longer than any call to a grain: the caller has given up by then.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(3);

    private readonly PartitionMap _map;
    private readonly Lazy<OwnershipClient> _others;
    private readonly IGrainContextAccessor _contexts;
    private readonly OwnershipOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<PartitionOwnership> _log;
    private readonly Part[] _parts = [.. Enumerable.Range(0, Partitions.Count).Select(static _ => new Part())];
    private readonly HashSet<SiloAddress> _dead = [];
    private readonly CancellationTokenSource _stopping = new();
    private long _deadSeenAt;
    private Task _loop = Task.CompletedTask;
    private Task _handover = Task.CompletedTask;
    private PartitionView? _seen;
    private long _moved;

    public PartitionOwnership(
        PartitionMap map, IServiceProvider services, IGrainContextAccessor contexts, IOptions<OwnershipOptions> options, TimeProvider time,
        ILogger<PartitionOwnership> log)
    {
        (_map, _contexts, _options, _time, _log) = (map, contexts, options.Value, time, log);
        _others = new Lazy<OwnershipClient>(services.GetRequiredService<OwnershipClient>);
        _deadSeenAt = time.GetTimestamp();
    }

    private enum Holding
    {
        None,
        Taking,
        Serving,
        HandingOver,
    }

    /// <inheritdoc/>
    public event Action<int[]>? Taken;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(PartitionOwnership),
        ServiceLifecycleStage.Active,
        _ =>
        {
            _loop = Task.Run(RunAsync, CancellationToken.None);
            return Task.CompletedTask;
        },
        LeaveAsync);

    /// <summary>
    /// Registers an activation: its own address when this silo has the partition, that of the silo to which its messages go when not.
    /// Waits while it is not decided.
    /// </summary>
    /// <exception cref="SiloUnavailableException">The partition was not taken over in time; nothing was done.</exception>
    internal Task<GrainAddress?> RegisterAsync(GrainAddress address, GrainAddress? previous, CancellationToken cancellation)
    {
        var partition = GrainPartition.Of(address.GrainId);
        return TryRegister(partition, address, previous, out var answer, out var changed)
            ? Task.FromResult(answer)
            : WaitAsync(partition, address, previous, changed, cancellation);
    }

    /// <summary>The calling activation is gone.</summary>
    internal void Unregister(GrainId grain)
    {
        if (_contexts.GrainContext is not { } context || context.GrainId != grain)
            return;
        var part = _parts[GrainPartition.Of(grain)];
        lock (part)
            part.Active?.Remove(context);
    }

    /// <summary>What this silo has.</summary>
    internal HeldPartitions Held()
    {
        var (serving, busy) = (new ulong[Partitions.Count / 64], new ulong[Partitions.Count / 64]);
        for (var partition = 0; partition < _parts.Length; partition++)
        {
            Holding holding;
            lock (_parts[partition])
                holding = _parts[partition].Holding;
            if (holding == Holding.Serving)
                Set(serving, partition);
            else if (holding != Holding.None)
                Set(busy, partition);
        }

        return new HeldPartitions(serving, busy);
    }

    /// <summary>Calls to these partitions wait: the silo that has them is handing them over.</summary>
    internal void Expect(int[] partitions)
    {
        foreach (var partition in partitions)
        {
            if ((uint)partition >= Partitions.Count)
                continue;
            lock (_parts[partition])
                (_parts[partition].ServedBy, _parts[partition].IsExpected) = (null, true);
        }
    }

    /// <summary>Activations of this silo.</summary>
    internal int Activations => _parts.Sum(static part => part.Active?.Count ?? 0);

    /// <summary>Partitions that this silo serves.</summary>
    internal int Serving => _parts.Count(static part => part.Holding == Holding.Serving);

    private static void Set(ulong[] bits, int number) => bits[number >> 6] |= 1UL << (number & 63);

    private static bool Has(ulong[] bits, int number) => (bits[number >> 6] & (1UL << (number & 63))) != 0;

    private bool TryRegister(int partition, GrainAddress address, GrainAddress? previous, out GrainAddress? answer, out Task changed)
    {
        var part = _parts[partition];
        var view = _map.Current;
        var location = view.Locations[partition];
        var sender = previous?.SiloAddress is { } from && !from.Equals(_map.Self) ? from : null;
        changed = Task.CompletedTask;
        answer = null;
        // Sent by a silo that was frozen since: what it sent is old. The state is read from the store.
        if (sender is not null && view.Members.GetSiloStatus(sender) == SiloStatus.Dead)
            return true;
        lock (part)
        {
            answer = address;
            switch (part.Holding)
            {
                case Holding.Serving:
                // The silo that hands over ends an activation before it sends it.
                case Holding.Taking when sender is not null:
                    (part.Active ??= []).Add(_contexts.GrainContext!);
                    return true;
                case Holding.Taking when part.ServedBy is { } by:
                    answer = by;
                    return true;
                case Holding.None when location is { SiloAddress: { } owner } && !owner.Equals(_map.Self):
                    answer = location;
                    return true;
            }

            changed = (part.Changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            return false;
        }
    }

    private async Task<GrainAddress?> WaitAsync(
        int partition, GrainAddress address, GrainAddress? previous, Task changed, CancellationToken cancellation)
    {
        var startedAt = _time.GetTimestamp();
        while (true)
        {
            var left = MaxWait - _time.GetElapsedTime(startedAt);
            try
            {
                await changed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellation);
            }
            catch (TimeoutException)
            {
                throw new SiloUnavailableException($"Partition {partition} was not taken over in {MaxWait.TotalSeconds:0} s; nothing was done.");
            }

            if (TryRegister(partition, address, previous, out var answer, out changed))
                return answer;
        }
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Tick, _time);
        try
        {
            do
            {
                try
                {
                    await StepAsync();
                }
                catch (Exception exception) when (!_stopping.IsCancellationRequested)
                {
                    LogStepFailed(_log, exception);
                }
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    // One look at the map: marks what falls to this silo, and takes what nobody else has.
    private async Task StepAsync()
    {
        var view = _map.Current;
        NoteDead(view);
        if (!ReferenceEquals(view, _seen))
        {
            _seen = view;
            foreach (var (partition, part) in _parts.Index())
                Mark(part, view.OwnerOf(partition));
        }

        if (_handover.IsCompleted && _parts.Any(static part => part.Holding == Holding.Serving && part.IsLost))
            _handover = HandOverAsync();
        var wanted = new List<int>();
        for (var partition = 0; partition < _parts.Length; partition++)
        {
            if (_parts[partition].Holding == Holding.Taking)
                wanted.Add(partition);
        }

        // A member of whom it is not known whether it hosts grains may have any.
        if (wanted.Count > 0 && view.IsComplete)
            await TakeAsync(view, wanted);
    }

    private void Mark(Part part, SiloAddress? owner)
    {
        lock (part)
        {
            var isOwn = _map.Self.Equals(owner);
            part.IsLost = !isOwn && owner is not null;
            if (isOwn && part.Holding == Holding.None)
                part.Holding = Holding.Taking;
            else if (part.IsLost && part.Holding == Holding.Taking)
                Become(part, Holding.None);
            if (!isOwn)
                (part.ServedBy, part.IsExpected) = (null, false);
        }
    }

    private async Task TakeAsync(PartitionView view, List<int> wanted)
    {
        var answers = await Task.WhenAll(view.Peers.Select(AskAsync));
        var isHeld = _time.GetElapsedTime(_deadSeenAt) < _options.Hold;
        var taken = new List<int>();
        foreach (var partition in wanted)
        {
            var part = _parts[partition];
            lock (part)
            {
                if (part.Holding != Holding.Taking)
                    continue;
                var isFree = true;
                SiloAddress? servedBy = null;
                foreach (var (peer, held) in answers)
                {
                    isFree &= held is not null && !Has(held.Serving, partition) && !Has(held.Busy, partition);
                    if (held is not null && Has(held.Serving, partition))
                        servedBy = peer;
                }

                // A silo that joined meanwhile asks this one.
                if (isFree && !isHeld)
                {
                    Become(part, Holding.Serving);
                    taken.Add(partition);
                }
                else if (!part.IsExpected && !Equals(part.ServedBy?.SiloAddress, servedBy))
                {
                    part.ServedBy = servedBy is null ? null : new GrainAddress { SiloAddress = servedBy, MembershipVersion = view.Members.Version };
                    Signal(part);
                }
            }
        }

        if (taken.Count == 0)
            return;
        LogTaken(_log, taken.Count);
        Taken?.Invoke([.. taken]);
    }

    private async Task<(SiloAddress Peer, HeldPartitions? Held)> AskAsync(SiloAddress peer)
    {
        try
        {
            return (peer, await _others.Value.Of(peer).Held().AsTask().WaitAsync(AnswerTime, _time));
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException or Orleans.Runtime.Messaging.ConnectionFailedException)
        {
            // It is asked again at the next tick, until it answers or is declared dead.
            return (peer, null);
        }
    }

    private void NoteDead(PartitionView view)
    {
        foreach (var member in view.Members.Members.Values)
        {
            if (member.Status == SiloStatus.Dead && _dead.Add(member.SiloAddress))
                _deadSeenAt = _time.GetTimestamp();
        }
    }

    private async Task HandOverAsync()
    {
        var startedAt = _time.GetTimestamp();
        var moved = Interlocked.Read(ref _moved);
        var count = 0;
        while (Lost() is { Length: > 0 } lost)
        {
            var view = _map.Current;
            foreach (var group in lost.GroupBy(view.OwnerOf))
            {
                if (group.Key is not { } owner)
                    continue;
                foreach (var chunk in group.Chunk(MaxHandedOverAtOnce))
                {
                    await TellAsync(owner, service => service.Expect(chunk));
                    await Task.WhenAll(chunk.Select(EmptyAsync));
                    count += chunk.Length;
                }
            }
        }

        LogHandedOver(_log, count, Interlocked.Read(ref _moved) - moved, _time.GetElapsedTime(startedAt).TotalSeconds);
    }

    private int[] Lost() =>
        [.. Enumerable.Range(0, Partitions.Count).Where(partition => _parts[partition] is { Holding: Holding.Serving, IsLost: true })];

    // Nothing is activated in it any more; when what is active there has gone, it is the other's.
    private async Task EmptyAsync(int partition)
    {
        var part = _parts[partition];
        lock (part)
        {
            if (part.Holding != Holding.Serving || !part.IsLost)
                return;
            part.Holding = Holding.HandingOver;
        }

        while (true)
        {
            IGrainContext[] active;
            lock (part)
            {
                active = part.Active is { Count: > 0 } some ? [.. some] : [];
                if (active.Length == 0)
                {
                    part.Active = null;
                    Become(part, Holding.None);
                    return;
                }
            }

            foreach (var context in active)
                End(context);
            await Task.WhenAll(active.Select(static context => context.Deactivated));
            lock (part)
                part.Active?.ExceptWith(active);
        }
    }

    private void End(IGrainContext context)
    {
        if (context.GrainInstance is IHandedOver grain && grain.IsWorthHandingOver)
        {
            Interlocked.Increment(ref _moved);
            context.Migrate(null, CancellationToken.None);
        }
        else
        {
            context.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The partition goes to another silo."), CancellationToken.None);
        }
    }

    private async Task LeaveAsync(CancellationToken cancellation)
    {
        try
        {
            if (_map.Current.Hosts.Any(silo => !silo.Equals(_map.Self)))
            {
                await Task.WhenAll(_map.Current.Peers.Select(peer => TellAsync(peer, service => service.Leave(_map.Self))));
                _map.Leave(_map.Self);
                var startedAt = _time.GetTimestamp();
                using var timer = new PeriodicTimer(Tick, _time);
                while (_parts.Any(static part => part.Holding != Holding.None)
                    && _time.GetElapsedTime(startedAt) < _options.HandoverTimeout
                    && await timer.WaitForNextTickAsync(cancellation))
                {
                    // The loop hands over.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host's patience is over: what is left ends with the process, and the others take it when they see it dead.
        }
        finally
        {
            await _stopping.CancelAsync();
            await _loop;
        }
    }

    private async Task TellAsync(SiloAddress peer, Func<IOwnershipService, ValueTask> call)
    {
        try
        {
            await call(_others.Value.Of(peer)).AsTask().WaitAsync(AnswerTime, _time);
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException or Orleans.Runtime.Messaging.ConnectionFailedException)
        {
            // A hint: without it a few calls take a longer way.
        }
    }

    private static void Become(Part part, Holding holding)
    {
        (part.Holding, part.ServedBy, part.IsExpected) = (holding, null, false);
        Signal(part);
    }

    private static void Signal(Part part)
    {
        part.Changed?.TrySetResult();
        part.Changed = null;
    }

    [LoggerMessage(LogLevel.Information, "Took {Partitions} partitions")]
    private static partial void LogTaken(ILogger log, int partitions);

    [LoggerMessage(LogLevel.Information, "Handed over {Partitions} partitions with {Grains} grains in {Seconds:F1} s")]
    private static partial void LogHandedOver(ILogger log, int partitions, long grains, double seconds);

    [LoggerMessage(LogLevel.Error, "Could not look after the partitions; tried again in a moment")]
    private static partial void LogStepFailed(ILogger log, Exception exception);

    private sealed class Part
    {
        internal volatile Holding Holding;
        internal volatile bool IsLost;
        internal HashSet<IGrainContext>? Active;
        internal GrainAddress? ServedBy;
        internal bool IsExpected;
        internal TaskCompletionSource? Changed;
    }
}

/// <summary>Says which partitions a silo takes.</summary>
internal interface IPartitionsTaken
{
    /// <summary>Called with the partitions that this silo has taken, at its start and later.</summary>
    event Action<int[]>? Taken;
}

/// <summary>The times of the ownership.</summary>
internal sealed class OwnershipOptions
{
    /// <summary>
    /// How long the partitions of a silo that was declared dead are left alone: longer than its gate stays open. Nothing where no other
    /// silo can be.
    /// </summary>
    public TimeSpan Hold { get; set; }

    /// <summary>How long a silo that stops hands over at the most.</summary>
    public TimeSpan HandoverTimeout { get; set; } = TimeSpan.FromSeconds(60);
}
