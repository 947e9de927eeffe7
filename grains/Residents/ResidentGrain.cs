using Grid.Codes;
using Grid.Keys;
using Grid.Sampling;
using Grid.Scans;
using Grid.Vaccination;

namespace Grid.Residents;

/// <inheritdoc cref="IResidentGrain"/>
/// <remarks>
/// The state is read through <see cref="IGrainStorage"/> and held in one immutable <see cref="PublishedState"/>; without the
/// <c>[PersistentState]</c> facet an activation is 0.9 KB smaller and takes half the CPU time. Readers in the same process
/// take what is published from <see cref="ResidentViews"/> without a grain call.
/// </remarks>
[GrainType(TypeName)]
public sealed class ResidentGrain(ResidentServices services) : Grain, IResidentGrain, IGrainMigrationParticipant, IHandedOver
{
    /// <summary>The name of the grain's type.</summary>
    public const string TypeName = "resident";

    /// <summary>The name of its state.</summary>
    public const string StateName = "resident";

    private const string MovedState = "resident";
    private const string MovedETag = "resident.etag";
    private static readonly TimeSpan RereadDelay = TimeSpan.FromSeconds(1);

    // Who has looked at the code in this time is likely to look again soon.
    private static readonly TimeSpan UsedLately = TimeSpan.FromHours(1);

    // What was last committed. Reads show it while a write is in flight, and when the store stalls. Null before the first read.
    private volatile PublishedState? _published;

    // One read of the store at a time: a second one could end after a commit and bring back an older state.
    private Task? _reading;

    // Set while the outcome of a write is unknown: the store is read again before anything else is written.
    private IGrainTimer? _reread;

    private int _calledAtSeconds;

    private ResidentState State => _published!.State;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        NoteCall();
        services.Views.Add(this.GetPrimaryKey(), this);
        // A bulk activation brings the state afterwards, many in one read. A call that comes first reads it itself.
        if (services.Views.IsWarming(this.GetPrimaryKey()))
            return;
        try
        {
            await EnsureFresh();
        }
        catch
        {
            services.Views.Remove(this.GetPrimaryKey(), this);
            throw;
        }
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        services.Views.Remove(this.GetPrimaryKey(), this);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public bool IsWorthHandingOver =>
        services.Time.GetUtcNow().ToUnixTimeMilliseconds() / 1_000 - Volatile.Read(ref _calledAtSeconds) < UsedLately.TotalSeconds;

    /// <inheritdoc/>
    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        // After a write of unknown outcome the store has to be read: nothing is taken along.
        if (_published is not { } published || _reread is not null)
            return;
        dehydrationContext.TryAddValue(MovedState, published.State);
        dehydrationContext.TryAddValue(MovedETag, published.ETag);
    }

    /// <inheritdoc/>
    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetValue(MovedState, out ResidentState? state) && state is not null
            && rehydrationContext.TryGetValue(MovedETag, out string? etag))
            _published = new PublishedState(state, etag);
    }

    /// <inheritdoc/>
    public ValueTask Warm() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask<CodeView> Show()
    {
        NoteCall();
        await EnsureRead();
        LeaveIfUnknown();
        return View(_published!, services.Time.GetUtcNow());
    }

    /// <inheritdoc/>
    public async ValueTask<VisitReceipt> Scan(ScanCommand scan)
    {
        NoteCall();
        await EnsureRead();
        LeaveIfUnknown();
        var view = View(_published!, services.Time.GetUtcNow());
        return await services.Visits.AppendAsync(scan.Decide(this.GetPrimaryKey(), view));
    }

    /// <inheritdoc/>
    public async ValueTask<ResidentHistory> History()
    {
        await EnsureRead();
        LeaveIfUnknown();
        return new ResidentHistory(
            [.. State.Tests.Where(test => !test.Withdrawn).Reverse()],
            [.. State.Doses.Reverse()],
            [.. State.Causes.Reverse()],
            [.. State.Ended.Reverse()]);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> HasPhone(PrivateText phone)
    {
        await EnsureRead();
        LeaveIfUnknown();
        return State.Registered && ProfileOf(State).Phone == phone.Value;
    }

    /// <inheritdoc/>
    public async ValueTask<PrivateText?> Phone()
    {
        await EnsureRead();
        LeaveIfUnknown();
        return State.Registered ? new PrivateText(ProfileOf(State).Phone) : default(PrivateText?);
    }

    /// <inheritdoc/>
    public async Task<RegistrationAnswer> Register(Registration registration)
    {
        await EnsureFresh();
        if (State.Registered)
            return new RegistrationAnswer(Created: false, Differences(registration.Name, registration.Phone, registration.District));
        var next = State.Next();
        var profile = new PersonalData(registration.Name, registration.IdNumber, registration.Phone);
        next.Profile = services.Vault.Seal(this.GetPrimaryKey(), profile);
        next.District = registration.District;
        next.RegisteredUnixMs = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        await Commit(next);
        return new RegistrationAnswer(Created: true, ProfileFields.None);
    }

    /// <inheritdoc/>
    public async Task<ProfileAnswer> Change(ProfileChange change)
    {
        await EnsureFresh();
        LeaveIfUnknown();
        if (!State.Registered)
            return default;
        var profile = ProfileOf(State);
        var fields = Differences(change.Name, change.Phone, change.District);
        if (fields == ProfileFields.None)
            return new ProfileAnswer(Registered: true, fields, null);
        var next = State.Next();
        var changed = profile with { Name = change.Name ?? profile.Name, Phone = change.Phone ?? profile.Phone };
        next.Profile = services.Vault.Seal(this.GetPrimaryKey(), changed);
        next.District = change.District ?? next.District;
        var record = new ProfileRecord(services.Time.GetUtcNow().ToUnixTimeMilliseconds(), fields, change.By, change.Reason);
        next.Changes = [.. next.Changes.TakeLast(ResidentState.ChangesMax - 1), record];
        await Commit(next);
        return new ProfileAnswer(
            Registered: true, fields, fields.HasFlag(ProfileFields.Phone) ? new PrivateText(profile.Phone) : default(PrivateText?));
    }

    private ProfileFields Differences(string? name, string? phone, int? district)
    {
        var profile = ProfileOf(State);
        return (name is null || name == profile.Name ? ProfileFields.None : ProfileFields.Name)
            | (phone is null || phone == profile.Phone ? ProfileFields.None : ProfileFields.Phone)
            | (district is null || district == State.District ? ProfileFields.None : ProfileFields.District);
    }

    private PersonalData ProfileOf(ResidentState state) => services.Vault.Unseal(this.GetPrimaryKey(), state.Profile);

    /// <inheritdoc/>
    public async Task<bool> Apply(TubeStanding standing)
    {
        await EnsureFresh();
        if (!State.Registered)
            return false;
        var now = services.Time.GetUtcNow();
        if (ResidentRules.Apply(State, this.GetPrimaryKey(), standing, now, services.Options) is { } next)
            await Commit(next);
        return true;
    }

    /// <inheritdoc/>
    public async Task<bool> Vaccinate(DoseRecord dose)
    {
        await EnsureFresh();
        if (!State.Registered)
            return false;
        if (ResidentRules.Vaccinate(State, dose) is { } next)
            await Commit(next);
        return true;
    }

    /// <summary>
    /// The view as of <paramref name="now"/>, for a reader on any thread. False when the state is not read yet, nobody is
    /// registered, or the last grain call is too long ago: then the reader makes one, so that the activation stays.
    /// </summary>
    internal bool TryView(DateTimeOffset now, int callAgainBeforeSeconds, out CodeView view)
    {
        if (_published is { State.Registered: true } published && Volatile.Read(ref _calledAtSeconds) > callAgainBeforeSeconds)
        {
            view = View(published, now);
            return true;
        }

        view = default;
        return false;
    }

    /// <summary>
    /// Takes a state that a bulk read has found after this activation was made. Nobody else can have written since, so it is
    /// what a read of this grain's own would find; the first of the two counts.
    /// </summary>
    /// <returns>False when the state was read already.</returns>
    internal bool Offer(ResidentState state, string? etag) =>
        Interlocked.CompareExchange(ref _published, new PublishedState(state, etag), null) is null;

    private void NoteCall() =>
        Volatile.Write(ref _calledAtSeconds, (int)(services.Time.GetUtcNow().ToUnixTimeMilliseconds() / 1_000));

    private CodeView View(PublishedState published, DateTimeOffset now) =>
        CodeRules.View(published.State, published.Name ??= MaskedNameOf(published.State), now, services.Options);

    private string MaskedNameOf(ResidentState state) => state.Registered
        ? SharedText.Of(MaskedName.Of(ProfileOf(state).Name))
        : "";

    // A made-up key must not take memory for a day.
    private void LeaveIfUnknown()
    {
        if (!State.Registered)
            DeactivateOnIdle();
    }

    private async Task Commit(ResidentState next)
    {
        var target = new GrainState<ResidentState>(next)
        {
            ETag = _published!.ETag,
            RecordExists = _published.ETag is not null,
        };
        try
        {
            await services.Storage.WriteStateAsync(StateName, this.GetGrainId(), target);
        }
        catch (InconsistentStateException)
        {
            // Another activation has written, so what is published here is old.
            services.Views.Remove(this.GetPrimaryKey(), this);
            DeactivateOnIdle();
            throw;
        }
        catch
        {
            // The store may or may not have it. Displays go on from what was committed; the store is read again as soon as
            // it answers.
            _reread ??= this.RegisterGrainTimer(
                static (grain, _) => grain.EnsureFresh().AsTask(), this, new GrainTimerCreationOptions(RereadDelay, RereadDelay));
            throw;
        }

        _published = new PublishedState(next, target.ETag);
    }

    private ValueTask EnsureRead() => _published is null ? EnsureFresh() : ValueTask.CompletedTask;

    private ValueTask EnsureFresh() =>
        _published is not null && _reread is null ? ValueTask.CompletedTask : new(_reading ??= ReadAsync());

    private async Task ReadAsync()
    {
        // So that the field is set before this ends, also where the store answers at once.
        await Task.Yield();
        try
        {
            var target = new GrainState<ResidentState>(new ResidentState());
            await services.Storage.ReadStateAsync(StateName, this.GetGrainId(), target);
            var read = new PublishedState(target.State ?? new ResidentState(), target.ETag);
            if (_reread is null)
                Interlocked.CompareExchange(ref _published, read, null);
            else
                _published = read;
            _reread?.Dispose();
            _reread = null;
        }
        finally
        {
            _reading = null;
        }
    }
}
