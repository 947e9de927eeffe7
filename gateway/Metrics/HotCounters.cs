using System.Diagnostics.Metrics;
using Grid.Codes;
using Grid.Gateway.Errors;
using Grid.Scans;

namespace Grid.Gateway.Metrics;

/// <summary>Counts of the hot routes, striped and summed only when read.</summary>
internal sealed class HotCounters
{
    /// <summary>The meter of the gateway.</summary>
    internal const string MeterName = "Grid.Gateway";

    private readonly StripedCount _displays = new();
    private readonly StripedCount _displaysUnchanged = new();
    private readonly StripedCount _overdue = new();
    private readonly StripedCount _admitted = new();
    private readonly StripedCount _refused = new();
    private readonly StripedCount _replayed = new();
    private readonly StripedCount _conflicts = new();

    public HotCounters(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableCounter(
            "grid.displays",
            () =>
                (Measurement<long>[])
                    [new(_displays.Read(), Tag("made")), new(_displaysUnchanged.Read(), Tag("unchanged"))],
            "{display}",
            "Codes shown to phones."
        );
        meter.CreateObservableCounter(
            "grid.displays.overdue",
            _overdue.Read,
            "{display}",
            "Codes shown whose newest sample has waited too long for its result."
        );
        meter.CreateObservableCounter(
            "grid.scans",
            () =>
                (Measurement<long>[])
                    [
                        new(_admitted.Read(), Tag("admitted")),
                        new(_refused.Read(), Tag("refused")),
                        new(_replayed.Read(), Tag("replayed")),
                        new(_conflicts.Read(), Tag("conflict")),
                    ],
            "{scan}",
            "Scans answered, by outcome."
        );
        meter.CreateObservableCounter(
            "grid.errors",
            () =>
                ErrorCodes
                    .All.Where(code => code.Answers > 0)
                    .Select(code => new Measurement<long>(
                        code.Answers,
                        new KeyValuePair<string, object?>("code", code.Code)
                    )),
            "{answer}",
            "Error answers, by code."
        );
    }

    internal void Display(TestState test)
    {
        _displays.Add();
        CountOverdue(test);
    }

    internal void DisplayUnchanged(TestState test)
    {
        _displaysUnchanged.Add();
        CountOverdue(test);
    }

    internal void Scan(VisitStatus status, bool admit)
    {
        var count = status switch
        {
            VisitStatus.Replayed => _replayed,
            VisitStatus.Conflict => _conflicts,
            _ => admit ? _admitted : _refused,
        };
        count.Add();
    }

    private void CountOverdue(TestState test)
    {
        if (test == TestState.Overdue)
            _overdue.Add();
    }

    private static KeyValuePair<string, object?> Tag(string outcome) => new("outcome", outcome);
}
