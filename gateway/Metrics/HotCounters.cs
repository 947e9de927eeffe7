using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Grid.Gateway.Errors;
using Grid.Scans;

namespace Grid.Gateway.Metrics;

/// <summary>
/// Counts of the hot routes. Striped by processor and read only when somebody asks: a counter that tells a listener of
/// each addition costs more than the token check beside it.
/// </summary>
internal sealed class HotCounters
{
    /// <summary>The meter of the gateway.</summary>
    internal const string MeterName = "Grid.Gateway";

    private readonly StripedCount _displays = new();
    private readonly StripedCount _displaysUnchanged = new();
    private readonly StripedCount _admitted = new();
    private readonly StripedCount _refused = new();
    private readonly StripedCount _replayed = new();
    private readonly StripedCount _conflicts = new();

    public HotCounters(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableCounter("grid.displays", () => (Measurement<long>[])
            [new(_displays.Read(), Tag("made")), new(_displaysUnchanged.Read(), Tag("unchanged"))], "{display}", "Codes shown to phones.");
        meter.CreateObservableCounter("grid.scans", () => (Measurement<long>[])
            [
                new(_admitted.Read(), Tag("admitted")), new(_refused.Read(), Tag("refused")),
                new(_replayed.Read(), Tag("replayed")), new(_conflicts.Read(), Tag("conflict")),
            ], "{scan}", "Scans answered, by outcome.");
        meter.CreateObservableCounter(
            "grid.errors",
            () => ErrorCodes.All.Where(code => code.Answers > 0).Select(code => new Measurement<long>(code.Answers, new KeyValuePair<string, object?>("code", code.Code))),
            "{answer}",
            "Error answers, by code.");
    }

    internal void Display() => _displays.Add();

    internal void DisplayUnchanged() => _displaysUnchanged.Add();

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

    private static KeyValuePair<string, object?> Tag(string outcome) => new("outcome", outcome);

    private sealed class StripedCount
    {
        private const int LineInLongs = 8;
        private static readonly int Mask = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, 64)) - 1;

        private readonly long[] _stripes = new long[(Mask + 2) * LineInLongs];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal void Add() => Interlocked.Increment(ref _stripes[((Thread.GetCurrentProcessorId() & Mask) + 1) * LineInLongs]);

        internal long Read()
        {
            long sum = 0;
            for (var i = LineInLongs; i < _stripes.Length; i += LineInLongs)
                sum += Volatile.Read(ref _stripes[i]);
            return sum;
        }
    }
}
