using Grid.Residents;

namespace Grid.Vaccination;

/// <summary>What the store keeps of a vaccination record.</summary>
[GenerateSerializer, Alias("grid.dose-state")]
public sealed class DoseState : IPendingWork
{
    /// <summary>The record as first reported; null when there is none.</summary>
    [Id(0)] public DoseRecord? Record { get; set; }

    /// <summary>Whether the resident has it.</summary>
    [Id(1)] public bool Delivered { get; set; }

    /// <inheritdoc/>
    public bool HasPendingWork => Record is not null && !Delivered;
}

/// <inheritdoc cref="IDoseGrain"/>
[GrainType("dose")]
public sealed class DoseGrain(
    [PersistentState("dose", "grid")] IPersistentState<DoseState> state) : DurableGrain<DoseState>(state), IDoseGrain
{
    /// <inheritdoc/>
    public async Task<DoseStatus> Report(DoseRecord dose)
    {
        if (State.Record is { } first)
        {
            await Resume();
            return first == dose ? DoseStatus.Replayed : DoseStatus.Conflict;
        }
        var view = await GrainFactory.GetGrain<IResidentGrain>(dose.Resident).Show();
        if (!view.Registered)
            return DoseStatus.ResidentUnknown;
        await Commit(new DoseState { Record = dose });
        await Resume();
        return DoseStatus.Accepted;
    }

    /// <inheritdoc/>
    public async Task Resume()
    {
        if (!State.HasPendingWork)
            return;
        await GrainFactory.GetGrain<IResidentGrain>(State.Record!.Resident).Vaccinate(State.Record);
        await Commit(new DoseState { Record = State.Record, Delivered = true });
    }
}
