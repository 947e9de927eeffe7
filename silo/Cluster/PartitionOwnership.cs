using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Cluster;

/// <summary>
/// Owns the partitions of this silo. A grain is activated only in a partition that this silo owns, and each partition
/// has at most one owner at a time:
/// <list type="bullet">
/// <item>A silo that the map assigns a partition marks it, then asks every other live silo. It owns the partition
/// once each has answered, after the mark, that it neither serves, takes nor hands over the partition. Of two silos
/// that mark at once, each learns of the other.</item>
/// <item>A dead silo is not asked. Its gate shuts within the lease; the others wait for the longer hold first.</item>
/// <item>A silo that loses a partition ends its activations there (it migrates the recently used ones) and then gives
/// the partition away. Until then it serves, and the new silo forwards calls to it.</item>
/// </list>
/// </summary>
internal sealed partial class PartitionOwnership : IPartitionsTaken, ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>The key of the cluster clock: silos need real time even where a test moves the grains' clock.</summary>
    internal const string ClockName = "cluster";

    // Partitions handed over at once: calls to a partition wait until its handover ends.
    private const int MaxHandedOverAtOnce = 8;
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMilliseconds(500);

    // Longer than any grain call: the caller has already given up.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(3);

    private readonly PartitionMap _map;
    private readonly Lazy<IOwnershipPeers> _others;
    private readonly IGrainContextAccessor _contexts;
    private readonly OwnershipOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<PartitionOwnership> _log;
    private readonly Part[] _parts = [.. Enumerable.Range(0, Partitions.Count).Select(static _ => new Part())];
    private readonly HashSet<SiloAddress> _dead = [];

    // Completed outside the locks: a waiter may continue on the completing thread.
    private readonly ConcurrentQueue<TaskCompletionSource> _signals = new();
    private readonly CancellationTokenSource _stopping = new();
    private long _deadSeenAt;
    private Task _loop = Task.CompletedTask;
    private Task _handover = Task.CompletedTask;
    private long _moved;

    public PartitionOwnership(
        PartitionMap map,
        IServiceProvider services,
        IGrainContextAccessor contexts,
        IOptions<OwnershipOptions> options,
        [FromKeyedServices(ClockName)] TimeProvider time,
        IMeterFactory meters,
        ILogger<PartitionOwnership> log
    )
    {
        (_map, _contexts, _options, _time, _log) = (map, contexts, options.Value, time, log);
        var meter = meters.Create("Grid.Cluster");
        meter.CreateObservableGauge(
            "grid.cluster.partitions",
            () => Serving,
            "{partition}",
            "Partitions that this silo serves; all silos together serve 1,024."
        );
        meter.CreateObservableCounter(
            "grid.cluster.grains.moved",
            () => Interlocked.Read(ref _moved),
            "{grain}",
            "Grains that this silo handed over with their state, because a silo joined or this one stopped."
        );
        _others = new Lazy<IOwnershipPeers>(services.GetRequiredService<IOwnershipPeers>);
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
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(
            nameof(PartitionOwnership),
            ServiceLifecycleStage.Active,
            _ =>
            {
                _loop = Task.Run(RunAsync, CancellationToken.None);
                return Task.CompletedTask;
            },
            LeaveAsync
        );

    /// <summary>
    /// Registers an activation. Returns its own address if this silo owns the partition, else the address of the silo
    /// that receives its messages. Waits while the owner is undecided.
    /// </summary>
    /// <exception cref="SiloUnavailableException">
    /// The partition was not taken over in time; nothing was done.
    /// </exception>
    internal Task<GrainAddress?> RegisterAsync(
        GrainAddress address,
        GrainAddress? previous,
        CancellationToken cancellation
    )
    {
        var partition = GrainPartition.Of(address.GrainId);
        return TryRegister(partition, address, previous, out var answer, out var changed)
            ? Task.FromResult(answer)
            : WaitAsync(partition, address, previous, changed, cancellation);
    }

    /// <summary>Removes the calling activation.</summary>
    internal void Unregister(GrainId grain)
    {
        if (_contexts.GrainContext is not { } context || context.GrainId != grain)
            return;
        var part = _parts[GrainPartition.Of(grain)];
        lock (part)
            part.Active?.Remove(context);
    }

    /// <summary>The partitions of this silo.</summary>
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

    /// <summary>Notes that a silo hands these partitions over to this one: no more calls are sent to it.</summary>
    internal void Expect(SiloAddress from, int[] partitions)
    {
        foreach (var partition in partitions)
        {
            if ((uint)partition >= Partitions.Count)
                continue;
            lock (_parts[partition])
            {
                (_parts[partition].ServedBy, _parts[partition].ExpectedFrom) = (null, from);
                Signal(_parts[partition]);
            }
        }

        SendSignals();
    }

    /// <summary>
    /// Whether a grain is inactive here and stays so because its partition is being handed over to the asking silo. The
    /// asking silo must not wait for the whole partition: one of its grains may wait for another.
    /// </summary>
    internal bool IsReleased(GrainId grain, SiloAddress asker)
    {
        var part = _parts[GrainPartition.Of(grain)];
        lock (part)
        {
            return part.Holding == Holding.HandingOver
                && asker.Equals(part.HandedTo)
                && (
                    part.Active is not { } active
                    || !active.Any(context => context.GrainId == grain && !HasEnded(context))
                );
        }
    }

    /// <summary>The activations of this silo.</summary>
    internal int Activations => _parts.Sum(static part => part.Active?.Count ?? 0);

    /// <summary>The number of partitions that this silo serves.</summary>
    internal int Serving => _parts.Count(static part => part.Holding == Holding.Serving);

    private static void Set(ulong[] bits, int number) => bits[number >> 6] |= 1UL << (number & 63);

    private static bool Has(ulong[] bits, int number) => (bits[number >> 6] & (1UL << (number & 63))) != 0;

    private bool TryRegister(
        int partition,
        GrainAddress address,
        GrainAddress? previous,
        out GrainAddress? answer,
        out Task changed
    )
    {
        var part = _parts[partition];
        var view = _map.Current;
        var location = view.Locations[partition];
        var sender = previous?.SiloAddress is { } from && !from.Equals(_map.Self) ? from : null;
        changed = Task.CompletedTask;
        answer = null;
        // A frozen, since dead silo sent this: its state is stale, so the grain reads the store.
        if (sender is not null && view.Members.GetSiloStatus(sender) == SiloStatus.Dead)
            return true;
        lock (part)
        {
            answer = address;
            switch (part.Holding)
            {
                case Holding.Serving:
                // The silo that hands over ends an activation before it sends the state.
                case Holding.Taking when sender is not null:
                    part.Add(_contexts.GrainContext!);
                    return true;
                case Holding.Taking when part.ServedBy is { } by:
                    answer = by;
                    return true;
                case Holding.None
                or Holding.HandingOver when location is { SiloAddress: { } owner } && !owner.Equals(_map.Self):
                    answer = location;
                    return true;
            }

            changed = (part.Changed ??= new TaskCompletionSource()).Task;
            return false;
        }
    }

    private async Task<GrainAddress?> WaitAsync(
        int partition,
        GrainAddress address,
        GrainAddress? previous,
        Task changed,
        CancellationToken cancellation
    )
    {
        var startedAt = _time.GetTimestamp();
        while (true)
        {
            var isExpected = _parts[partition].ExpectedFrom is not null;
            if (isExpected && await TryRegisterReleasedAsync(partition, address.GrainId))
                return address;
            var left = MaxWait - _time.GetElapsedTime(startedAt);
            if (left <= TimeSpan.Zero)
                throw new SiloUnavailableException(
                    $"Partition {partition} was not taken over in {MaxWait.TotalSeconds:0} s; nothing was done."
                );
            try
            {
                await changed.WaitAsync(isExpected ? Tick : left, _time, cancellation);
            }
            catch (TimeoutException)
            {
                // Check once more below.
            }

            if (TryRegister(partition, address, previous, out var answer, out changed))
                return answer;
        }
    }

    private async Task<bool> TryRegisterReleasedAsync(int partition, GrainId grain)
    {
        var part = _parts[partition];
        if (part.ExpectedFrom is not { } from || !await IsReleasedAsync(from, grain))
            return false;
        lock (part)
        {
            if (part.Holding is not (Holding.Taking or Holding.Serving))
                return false;
            part.Add(_contexts.GrainContext!);
            return true;
        }
    }

    private Task<bool> IsReleasedAsync(SiloAddress from, GrainId grain) =>
        AnswerAsync(from, service => service.IsReleased(grain, _map.Self));

    /// <summary>Runs the takeover loop until the silo stops.</summary>
    internal async Task RunAsync()
    {
        // Set even if no dead silo is known: Redis may have lost the table, and the other silos need time to rewrite
        // their rows.
        _deadSeenAt = _time.GetTimestamp();
        try
        {
            while (true)
            {
                try
                {
                    await StepAsync();
                }
                catch (Exception exception) when (!_stopping.IsCancellationRequested)
                {
                    LogStepFailed(_log, exception);
                }

                await Task.Delay(Tick, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    // One step: marks the partitions that the map assigns to this silo, and takes the free ones.
    private async Task StepAsync()
    {
        var view = _map.Current;
        NoteDead(view);
        // On every step, not only on changes: if a taker dies during a handover, its partition returns to this silo.
        foreach (var (partition, part) in _parts.Index())
            Mark(part, view.OwnerOf(partition));
        SendSignals();
        if (_handover.IsCompleted && _parts.Any(static part => part.IsToBeHandedOver))
            _handover = HandOverAsync();
        var wanted = new List<int>();
        for (var partition = 0; partition < _parts.Length; partition++)
        {
            if (_parts[partition].Holding == Holding.Taking)
                wanted.Add(partition);
        }

        // A member that has not reported whether it hosts grains may have activations.
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
            else if (part.IsLost && part.Holding == Holding.Taking && part.Active is not { Count: > 0 })
                Become(part, Holding.None);
            if (!isOwn)
                (part.ServedBy, part.ExpectedFrom) = (null, null);
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
                else if (part.ExpectedFrom is null && !Equals(part.ServedBy?.SiloAddress, servedBy))
                {
                    part.ServedBy = servedBy is null
                        ? null
                        : new GrainAddress { SiloAddress = servedBy, MembershipVersion = view.Members.Version };
                    Signal(part);
                }
            }
        }

        SendSignals();
        if (taken.Count == 0)
            return;
        LogTaken(_log, taken.Count);
        Taken?.Invoke([.. taken]);
    }

    // A silo that does not answer is asked again on the next tick until it is declared dead.
    private async Task<(SiloAddress Peer, HeldPartitions? Held)> AskAsync(SiloAddress peer) =>
        (peer, await AnswerAsync(peer, static service => service.Held()));

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
        foreach (var group in Lost().GroupBy(_map.Current.OwnerOf))
        {
            if (group.Key is not { } owner || owner.Equals(_map.Self))
                continue;
            foreach (var chunk in group.Chunk(MaxHandedOverAtOnce))
            {
                await TellAsync(owner, service => service.Expect(_map.Self, chunk));
                await Task.WhenAll(chunk.Select(partition => EmptyAsync(partition, owner)));
                count += chunk.Length;
            }
        }

        LogHandedOver(_log, count, Interlocked.Read(ref _moved) - moved, _time.GetElapsedTime(startedAt).TotalSeconds);
    }

    private int[] Lost() =>
        [.. Enumerable.Range(0, Partitions.Count).Where(partition => _parts[partition].IsToBeHandedOver)];

    // Stops new activations in the partition; it passes to the new owner once the existing ones have ended.
    private async Task EmptyAsync(int partition, SiloAddress owner)
    {
        var part = _parts[partition];
        lock (part)
        {
            if (!part.IsToBeHandedOver)
                return;
            (part.Holding, part.HandedTo) = (Holding.HandingOver, owner);
            Signal(part);
        }

        SendSignals();
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
                }
            }

            SendSignals();
            if (active.Length == 0)
                return;
            foreach (var context in active)
                End(context);
            await Task.WhenAll(active.Select(static context => context.Deactivated));
            lock (part)
                part.Active?.ExceptWith(active);
        }
    }

    // A migrating activation has ended and waits until the asking silo takes it.
    private static bool HasEnded(IGrainContext context) => context.GrainInstance is IHandedOver { HasEnded: true };

    private void End(IGrainContext context)
    {
        if (context.GrainInstance is IHandedOver grain && grain.IsWorthHandingOver)
        {
            Interlocked.Increment(ref _moved);
            context.Migrate(null, CancellationToken.None);
        }
        else
        {
            context.Deactivate(
                new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The partition goes to another silo."),
                CancellationToken.None
            );
        }
    }

    private async Task LeaveAsync(CancellationToken cancellation)
    {
        try
        {
            await HandOverAllAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // The host's time limit has passed. The remaining activations end with the process; the other silos take
            // them over when they see it dead.
        }
        finally
        {
            await _stopping.CancelAsync();
            await _loop;
        }
    }

    /// <summary>
    /// Hands all partitions to the other silos. Returns when they own them or the time limit has passed.
    /// </summary>
    internal async Task HandOverAllAsync(CancellationToken cancellation)
    {
        if (_map.Current.Hosts.All(silo => silo.Equals(_map.Self)))
            return;
        await Task.WhenAll(_map.Current.Peers.Select(peer => TellAsync(peer, service => service.Leave(_map.Self))));
        _map.Leave(_map.Self);
        var startedAt = _time.GetTimestamp();
        // The loop performs the handover.
        while (
            _parts.Any(static part => part.Holding != Holding.None)
            && _time.GetElapsedTime(startedAt) < _options.HandoverTimeout
        )
            await Task.Delay(Tick, _time, cancellation);
    }

    // A hint: without it some calls take a longer route.
    private Task TellAsync(SiloAddress peer, Func<IOwnershipService, ValueTask> call) =>
        AnswerAsync(peer, async service =>
        {
            await call(service);
            return true;
        });

    // Returns a silo's answer; default if it does not arrive in time.
    private async Task<T?> AnswerAsync<T>(SiloAddress peer, Func<IOwnershipService, ValueTask<T>> call)
    {
        try
        {
            return await call(_others.Value.Of(peer)).AsTask().WaitAsync(AnswerTime, _time);
        }
        catch (Exception exception)
            when (exception
                    is TimeoutException
                        or OrleansException
                        or Orleans.Runtime.Messaging.ConnectionFailedException
            )
        {
            return default;
        }
    }

    private void Become(Part part, Holding holding)
    {
        (part.Holding, part.ServedBy, part.ExpectedFrom, part.HandedTo) = (holding, null, null, null);
        Signal(part);
    }

    private void Signal(Part part)
    {
        if (part.Changed is not { } changed)
            return;
        part.Changed = null;
        _signals.Enqueue(changed);
    }

    private void SendSignals()
    {
        while (_signals.TryDequeue(out var changed))
            changed.SetResult();
    }

    [LoggerMessage(LogLevel.Information, "Took {Partitions} partitions")]
    private static partial void LogTaken(ILogger log, int partitions);

    [LoggerMessage(LogLevel.Information, "Handed over {Partitions} partitions with {Grains} grains in {Seconds:F1} s")]
    private static partial void LogHandedOver(ILogger log, int partitions, long grains, double seconds);

    [LoggerMessage(LogLevel.Error, "The partition loop failed; it retries in a moment")]
    private static partial void LogStepFailed(ILogger log, Exception exception);

    private sealed class Part
    {
        internal volatile Holding Holding;
        internal volatile bool IsLost;
        internal HashSet<IGrainContext>? Active;
        internal GrainAddress? ServedBy;
        internal SiloAddress? ExpectedFrom;
        internal SiloAddress? HandedTo;
        internal TaskCompletionSource? Changed;

        internal void Add(IGrainContext context) => (Active ??= []).Add(context);

        // A silo that takes a partition may hold grains sent before it lost the partition again.
        internal bool IsToBeHandedOver =>
            IsLost && (Holding == Holding.Serving || (Holding == Holding.Taking && Active is { Count: > 0 }));
    }
}
