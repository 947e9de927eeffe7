using Grid.Residents;

namespace Grid.Vaccination;

/// <inheritdoc cref="IDoseGrain"/>
[GrainType("dose")]
public sealed class DoseGrain([PersistentState("dose", "grid")] IPersistentState<DoseState> state, TimeProvider time)
    : DurableGrain<DoseState>(state),
        IDoseGrain
{
    /// <inheritdoc/>
    public async Task<DoseStatus> Report(DoseRecord dose, string by)
    {
        if (State.Record is { } first)
        {
            await Resume();
            return first == dose ? DoseStatus.Replayed : DoseStatus.Conflict;
        }
        var view = await GrainFactory.GetGrain<IResidentGrain>(dose.Resident).Show();
        if (!view.Registered)
            return DoseStatus.ResidentUnknown;
        await CommitAsync(
            new DoseState
            {
                Record = dose,
                By = by,
                ReceivedAt = time.GetUtcNow(),
            }
        );
        await Resume();
        return DoseStatus.Accepted;
    }

    /// <inheritdoc/>
    public async Task Resume()
    {
        if (!State.HasPendingWork)
            return;
        await GrainFactory.GetGrain<IResidentGrain>(State.Record!.Resident).Vaccinate(State.ForResident);
        var next = State.Copy();
        next.Delivered = true;
        await CommitAsync(next);
    }
}
