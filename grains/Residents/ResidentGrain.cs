using Grid.Codes;
using Grid.Keys;
using Grid.Sampling;
using Grid.Vaccination;
using Microsoft.Extensions.Options;

namespace Grid.Residents;

/// <summary>What every resident needs, in one reference: a city keeps millions of residents hot.</summary>
public sealed class ResidentServices(TimeProvider time, IOptions<CodeOptions> options, ProfileVault vault)
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>The settings of the colour rules.</summary>
    public CodeOptions Options { get; } = options.Value;

    /// <summary>Opens and seals profiles.</summary>
    public ProfileVault Vault { get; } = vault;
}

/// <inheritdoc cref="IResidentGrain"/>
[GrainType(TypeName)]
public sealed class ResidentGrain(
    [PersistentState(ResidentGrain.StateName, "grid")] IPersistentState<ResidentState> state,
    ResidentServices services) : Grain, IResidentGrain
{
    /// <summary>The name of the grain's type.</summary>
    public const string TypeName = "resident";

    /// <summary>The name of its state.</summary>
    public const string StateName = "resident";

    private static readonly TimeSpan RereadDelay = TimeSpan.FromSeconds(1);

    // What was last committed: reads show it while a write is on its way, and when the store stalls.
    private ResidentState _committed = state.State;
    private string? _name;
    // Set while the outcome of a write is unknown: the store is read again before anything else is written.
    private IGrainTimer? _reread;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _committed = state.State;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<CodeView> Show() =>
        new(CodeRules.View(_committed, MaskedNameOfProfile(), services.Time.GetUtcNow(), services.Options));

    /// <inheritdoc/>
    public ValueTask<ResidentHistory> History() => new(new ResidentHistory(
        [.. _committed.Tests.Where(test => !test.Withdrawn).Reverse()],
        [.. _committed.Doses.Reverse()],
        [.. _committed.Causes.Reverse()],
        [.. _committed.Ended.Reverse()]));

    /// <inheritdoc/>
    public ValueTask<bool> HasPhone(PrivateText phone) => new(
        _committed.Registered
        && services.Vault.Unseal(this.GetPrimaryKey(), _committed.Profile).Phone == phone.Value);

    /// <inheritdoc/>
    public async Task<bool> Register(Registration registration)
    {
        await BeSure();
        if (_committed.Registered)
            return false;
        var next = _committed.Next();
        var profile = new PersonalData(registration.Name, registration.IdNumber, registration.Phone);
        next.Profile = services.Vault.Seal(this.GetPrimaryKey(), profile);
        next.District = registration.District;
        next.RegisteredUnixMs = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        await Commit(next);
        return true;
    }

    /// <inheritdoc/>
    public async Task<bool> Apply(TubeStanding standing)
    {
        await BeSure();
        if (!_committed.Registered)
            return false;
        var now = services.Time.GetUtcNow();
        if (ResidentRules.Apply(_committed, this.GetPrimaryKey(), standing, now) is { } next)
            await Commit(next);
        return true;
    }

    /// <inheritdoc/>
    public async Task<bool> Vaccinate(DoseRecord dose)
    {
        await BeSure();
        if (!_committed.Registered)
            return false;
        if (ResidentRules.Vaccinate(_committed, dose) is { } next)
            await Commit(next);
        return true;
    }

    private string MaskedNameOfProfile() => _name ??= _committed.Registered
        ? SharedText.Of(MaskedName.Of(services.Vault.Unseal(this.GetPrimaryKey(), _committed.Profile).Name))
        : null!;

    private async Task Commit(ResidentState next)
    {
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch (Exception fault) when (fault is not InconsistentStateException)
        {
            // The store may or may not have it. Displays go on from what was committed; the truth is read back as
            // soon as the store answers.
            state.State = _committed;
            _reread ??= this.RegisterGrainTimer(
                static (grain, _) => grain.BeSure(), this, new GrainTimerCreationOptions(RereadDelay, RereadDelay));
            throw;
        }
        _committed = next;
    }

    private async Task BeSure()
    {
        if (_reread is null)
            return;
        await state.ReadStateAsync();
        _committed = state.State;
        _name = null;
        _reread?.Dispose();
        _reread = null;
    }
}
