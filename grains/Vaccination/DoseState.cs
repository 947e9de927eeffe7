namespace Grid.Vaccination;

/// <summary>The stored state of a vaccination record.</summary>
[GenerateSerializer, Alias("grid.dose-state")]
public sealed class DoseState : IPendingWork
{
    /// <summary>The record as first reported; null when there is none.</summary>
    [Id(0)]
    public DoseRecord? Record { get; set; }

    /// <summary>Whether the resident has the dose.</summary>
    [Id(1)]
    public bool Delivered { get; set; }

    /// <summary>The subject that reported it: <c>clinic</c> or <c>clinic/person</c>.</summary>
    [Id(2)]
    public string By { get; set; } = "";

    [Id(3)]
    public DateTimeOffset ReceivedAt { get; set; }

    /// <inheritdoc/>
    public bool HasPendingWork => Record is not null && !Delivered;

    /// <summary>The record for the resident: the dose was given no later than we received it.</summary>
    public DoseRecord ForResident => Record! with { At = Moment.Earlier(Record.At, ReceivedAt) };

    /// <summary>A copy, to change and write.</summary>
    public DoseState Copy() => (DoseState)MemberwiseClone();
}
