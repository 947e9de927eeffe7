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

    /// <summary>Who reported it: <c>clinic</c> or <c>clinic/person</c>.</summary>
    [Id(2)] public string By { get; set; } = "";

    /// <summary>When it was taken in.</summary>
    [Id(3)] public DateTimeOffset ReceivedAt { get; set; }

    /// <inheritdoc/>
    public bool HasPendingWork => Record is not null && !Delivered;

    /// <summary>The record as the resident gets it: given no later than it was taken in.</summary>
    public DoseRecord ForResident => Record! with { At = Moment.Earlier(Record.At, ReceivedAt) };

    /// <summary>A copy, to be changed and written.</summary>
    public DoseState Copy() => (DoseState)MemberwiseClone();
}

/// <inheritdoc cref="IDoseGrain"/>
[GrainType("dose")]
public sealed class DoseGrain(
    [PersistentState("dose", "grid")] IPersistentState<DoseState> state, TimeProvider time)
    : DurableGrain<DoseState>(state), IDoseGrain
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
        await Commit(new DoseState { Record = dose, By = by, ReceivedAt = time.GetUtcNow() });
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
        await Commit(next);
    }
}
