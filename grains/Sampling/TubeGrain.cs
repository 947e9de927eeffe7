using Grid.Keys;
using Grid.Residents;
using Grid.Results;
using Microsoft.Extensions.Options;

namespace Grid.Sampling;

/// <summary>What every tube needs, in one reference.</summary>
public sealed class TubeServices(TimeProvider time, IOptions<SamplingOptions> options, ResultMetrics metrics, ProfileVault vault)
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>The settings of the rules.</summary>
    public SamplingOptions Options { get; } = options.Value;

    /// <summary>Counts results.</summary>
    public ResultMetrics Metrics { get; } = metrics;

    /// <summary>Seals what staff type.</summary>
    public ProfileVault Vault { get; } = vault;
}

/// <inheritdoc cref="ITubeGrain"/>
/// <remarks>
/// A change is written with the members that it is due to; then it is brought to them, and each takes it once. A crash
/// between the two leaves the row marked (<see cref="IPendingWork"/>), and the next call or the next start goes on.
/// </remarks>
[GrainType("tube")]
public sealed class TubeGrain(
    [PersistentState("tube", "grid")] IPersistentState<TubeState> state,
    TubeServices services) : DurableGrain<TubeState>(state), ITubeGrain
{
    private DateTimeOffset Now => services.Time.GetUtcNow();

    /// <inheritdoc/>
    public async Task<TubeAnswer> Open(TubeOpening opening, string by)
    {
        var held = State.Results.Length;
        var change = TubeChanges.Open(State, opening, by, Now);
        if (change.Next is not null)
        {
            await Commit(change.Next);
            services.Metrics.Released(held);
        }
        await DeliverAndSettle();
        return Answer(change.Status);
    }

    /// <inheritdoc/>
    public async Task<TubeAnswer> AddSample(SampleCollected sample, string by)
    {
        // A repeat may follow a crash between the tube's write and the resident's.
        await Deliver();
        var change = TubeChanges.Add(State, sample, by, Now, services.Options);
        if (change.Next is not null && !await IsRegistered(sample.Resident))
            return Answer(TubeStatus.ResidentUnknown);
        await CommitAndDeliver(change.Next);
        return Answer(change.Status);
    }

    /// <inheritdoc/>
    public async Task<TubeAnswer> Withdraw(Guid resident, PrivateText reason, string by)
    {
        await Deliver();
        var change = TubeChanges.Withdraw(State, resident, services.Vault.SealText(resident, reason.Value), by, Now);
        await CommitAndDeliver(change.Next);
        return Answer(change.Status);
    }

    /// <inheritdoc/>
    public async Task<TubeAnswer> Seal(string by)
    {
        await Deliver();
        var change = TubeChanges.Seal(State, by, Now);
        await CommitAndDeliver(change.Next);
        return Answer(change.Status);
    }

    /// <inheritdoc/>
    public async Task<TubeImportAnswer> Import(WholeTube tube, string by)
    {
        await Deliver();
        var (before, now) = (State, Now);
        var opened = TubeChanges.Open(before, tube.Opening, by, now);
        if (opened.Status is not (TubeStatus.Done or TubeStatus.Replayed))
            return new TubeImportAnswer(opened.Status, []);
        var next = opened.Next ?? before;
        if (next.Count == 0 && tube.Samples.Length > 0)
        {
            next = next.Copy();
            TubeChanges.SetAside(next, Moment.Earlier(tube.Samples.Max(sample => sample.CollectedAt), now), now);
        }
        var statuses = new TubeStatus[tube.Samples.Length];
        for (var i = 0; i < statuses.Length; i++)
        {
            var sample = tube.Samples[i];
            var change = TubeChanges.Add(next, sample, by, now, services.Options);
            var isKnown = change.Next is null || await IsRegistered(sample.Resident);
            statuses[i] = isKnown ? change.Status : TubeStatus.ResidentUnknown;
            if (statuses[i] == TubeStatus.Done)
                next = change.Next!;
        }
        // All of it or nothing: a tube that was taken in part could not be sent again once its line is put right.
        var refused = Array.FindIndex(statuses, each => !TubeImportAnswer.IsTaken(each));
        if (refused >= 0)
            return new TubeImportAnswer(statuses[refused], statuses);
        if (tube.Seal)
            next = TubeChanges.Seal(next, by, now).Next ?? next;
        var changed = before.Opening is null || next.Sealed != before.Sealed || next.Revision != before.Revision;
        if (changed)
        {
            await Announce(next);
            await Commit(next);
            services.Metrics.Released(before.Opening is null ? before.Results.Length : 0);
        }
        await DeliverAndSettle();
        return new TubeImportAnswer(changed ? TubeStatus.Done : TubeStatus.Replayed, statuses);
    }

    /// <inheritdoc/>
    public async Task<ResultReceipt> Report(ResultReport report, string by)
    {
        var receipt = await Take(report, by);
        services.Metrics.Reported(receipt.Status, receipt.Applied);
        if (receipt is { Status: ResultStatus.Accepted, Applied: true } && State.Count > 0)
            services.Metrics.Applied(Now - State.Members.Where(each => !each.Withdrawn).Min(each => each.CollectedAt));
        return receipt;
    }

    /// <inheritdoc/>
    public ValueTask<TubeView> Get()
    {
        var verdict = TubeRules.Verdict(State);
        var phase = State switch
        {
            { Opening: null } => TubePhase.Unknown,
            _ when verdict.Corrected => TubePhase.Corrected,
            _ when verdict.Counting is not null => TubePhase.Resulted,
            { Sealed: true } => TubePhase.Sealed,
            _ => TubePhase.Open,
        };
        return new(new TubeView(
            phase,
            State.Count,
            State.Opening?.Capacity ?? 0,
            State.Opening?.SiteId,
            verdict.Counting?.Report.Result,
            verdict.Counting?.TestedAt,
            phase == TubePhase.Unknown ? State.Results.Length : 0,
            State.Conflicts.Count(static conflict => conflict.IsOpen)));
    }

    /// <inheritdoc/>
    public ValueTask<TubeConflict?> Conflict(Guid conflictId) =>
        new(Array.Find(State.Conflicts, conflict => conflict.ConflictId == conflictId) is { } conflict ? Unsealed(conflict) : null);

    /// <inheritdoc/>
    public async Task<ConflictAnswer> Resolve(Guid conflictId, ConflictDecision decision)
    {
        await Deliver();
        var kept = decision with { At = Now, Reason = services.Vault.SealText(conflictId, decision.Reason) };
        var (before, (status, next)) = (State, ResultChanges.Resolve(State, conflictId, kept));
        await CommitAndDeliver(next);
        // A repeat takes out of the index what a crash left in it.
        foreach (var conflict in State.Conflicts)
        {
            if (!conflict.IsOpen && (conflict.ConflictId == conflictId || WasOpen(conflict)))
                await Index(conflict.ConflictId).Remove(conflict.ConflictId);
        }
        return new ConflictAnswer(status, await Conflict(conflictId));

        bool WasOpen(TubeConflict conflict) =>
            Array.Exists(before.Conflicts, each => each.IsOpen && each.ConflictId == conflict.ConflictId);
    }

    /// <inheritdoc/>
    public Task Resume() => DeliverAndSettle();

    private TubeConflict Unsealed(TubeConflict conflict) => conflict.Decision is not { } decision
        ? conflict
        : conflict with { Decision = decision with { Reason = services.Vault.UnsealText(conflict.ConflictId, decision.Reason) } };

    private async Task<ResultReceipt> Take(ResultReport report, string by)
    {
        var change = ResultChanges.Take(State, report, by, Now, services.Options);
        if (change.Next is { } next)
        {
            if (State.Opening is null && !State.HeldFor.Contains(report.LabId))
            {
                if (!await HeldTubes(report.LabId).TryHold(TubeDigest))
                    return new ResultReceipt(ResultStatus.HeldTooMany, change.ReceiptId, false);
                next.HeldFor = [.. State.HeldFor, report.LabId];
            }
            await Announce(next);
            await Commit(next);
        }
        await DeliverAndSettle();
        return new ResultReceipt(change.Status, change.ReceiptId, State.Opening is not null);
    }

    private async Task CommitAndDeliver(TubeState? next)
    {
        if (next is not null)
        {
            await Announce(next);
            await Commit(next);
        }
        await Deliver();
    }

    /// <summary>
    /// Puts new conflicts where operators look for them, before they are written: an entry without a conflict is taken
    /// out by the list, a conflict without an entry would never be decided. When the index is full, the tube keeps the
    /// conflict and it is not listed.
    /// </summary>
    private async Task Announce(TubeState next)
    {
        foreach (var (id, openedAt) in next.Conflicts.Where(each => each.IsOpen).Select(each => (each.ConflictId, each.OpenedAt)))
        {
            if (!Array.Exists(State.Conflicts, each => each.ConflictId == id))
                await Index(id).Add(new ConflictEntry(id, this.GetPrimaryKeyString(), openedAt));
        }
    }

    private async Task<bool> IsRegistered(Guid resident) =>
        (await GrainFactory.GetGrain<IResidentGrain>(resident).Show()).Registered;

    /// <summary>Brings every change to those it is due to, and writes that it did.</summary>
    private async Task DeliverAndSettle()
    {
        if (!State.HasPendingWork)
            return;
        await Deliver();
        await Commit(State);
    }

    /// <summary>
    /// Brings every change to those it is due to. That it did is written with the tube's next change: until then a
    /// restart brings it again, which the residents recognise.
    /// </summary>
    private async Task Deliver()
    {
        if (!State.HasPendingWork)
            return;
        var verdict = TubeRules.Verdict(State);
        var tubeId = this.GetPrimaryKeyString();
        var waits = new List<Task>(State.Members.Length);
        foreach (var member in State.Members)
        {
            if (member.Delivered < member.Due)
            {
                var resident = GrainFactory.GetGrain<IResidentGrain>(member.Resident);
                waits.Add(resident.Apply(TubeRules.Standing(tubeId, member, verdict, State.Opening!.Capacity)));
            }
        }
        // The tube is there: it is on no laboratory's account of held results any more.
        foreach (var laboratory in State.HeldFor)
            waits.Add(HeldTubes(laboratory).Release(TubeDigest));
        await Task.WhenAll(waits);
        State.Members = Array.ConvertAll(State.Members, member => member with { Delivered = member.Due });
        State.HeldFor = [];
    }

    private ulong TubeDigest => StableId.ShortOf(this.GetPrimaryKeyString());

    private IHeldTubesGrain HeldTubes(string laboratory) =>
        GrainFactory.GetGrain<IHeldTubesGrain>(HeldShards.KeyOf(laboratory, TubeDigest));

    private IConflictIndexGrain Index(Guid conflictId) =>
        GrainFactory.GetGrain<IConflictIndexGrain>(ConflictShards.KeyOf(conflictId));

    private TubeAnswer Answer(TubeStatus status) => new(status, State.Count, State.Opening?.Capacity ?? 0);
}
