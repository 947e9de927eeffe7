using Grid.Bench.Load.Driving;

namespace Grid.Bench.Load.Capacity.Play;

/// <summary>The rate over the time of a scenario, and when the event happens.</summary>
/// <param name="EventAt">Seconds from the start; null without an event.</param>
internal sealed record Course(RateProfile Rate, int Seconds, double? EventAt, IReadOnlyList<LoadPhase> Phases)
{
    private const int Quiet = 3,
        Ramp = 10,
        Top = 15;

    /// <summary>Seconds before, during and after the overload.</summary>
    private const int Before = 5,
        Over = 15,
        After = 15;

    /// <summary>Ten times the rate within ten seconds, as at 07:40.</summary>
    public static Course Surge(double top, double? eventAt) =>
        new(
            RateProfile.Of((0, top / 10), (Quiet, top / 10), (Quiet + Ramp, top), (Quiet + Ramp + Top, top)),
            Quiet + Ramp + Top,
            eventAt,
            [
                new LoadPhase("quiet", 0, Quiet),
                new LoadPhase("ramp", Quiet, Quiet + Ramp),
                new LoadPhase("top", Quiet + Ramp, Quiet + Ramp + Top),
            ]
        );

    /// <summary>A part of the peak, then ten times the peak at once, then the part again.</summary>
    public static Course Overload(double peak) =>
        new(
            RateProfile.Of(
                (0, peak * NormalPart),
                (Before, peak * NormalPart),
                (Before + 0.001, peak * Factor),
                (Before + Over, peak * Factor),
                (Before + Over + 0.001, peak * NormalPart),
                (Before + Over + After, peak * NormalPart)
            ),
            Before + Over + After,
            null,
            [
                new LoadPhase("before", 1, Before),
                new LoadPhase("overload", Before + 1, Before + Over),
                new LoadPhase("after", Before + Over, Before + Over + After),
            ]
        );

    /// <summary>A silo leaves during an even load; long enough for half a million residents to move.</summary>
    public static Course Leave(double rate) =>
        new(
            RateProfile.Flat(rate),
            Before + Leaving,
            Before,
            [new LoadPhase("before", 0, Before), new LoadPhase("while it leaves, and after", Before, Before + Leaving)]
        );

    /// <summary>
    /// An even load while nine gateways start one after the other: first in a cluster of their own, which shows what a
    /// start costs the machine, then in this cluster, which they leave again. It ends with the last gateway, however
    /// long the starts take.
    /// </summary>
    public static Course Gateways(double rate) =>
        new(RateProfile.Flat(rate), GatewaySteps.MaxSeconds, GatewaySteps.Steady, []) { EndsWithEvent = true };

    /// <summary>Whether the load ends with the event instead of after <see cref="Seconds"/>.</summary>
    public bool EndsWithEvent { get; init; }

    /// <summary>Seconds of even load after the signal to a stopping silo.</summary>
    public const int Leaving = 60;

    /// <summary>The overload as a multiple of the peak.</summary>
    public const double Factor = 10;

    /// <summary>The part of the peak that is offered before and after.</summary>
    public const double NormalPart = 0.7;

    public static int OverloadEnds => Before + Over;
}

/// <summary>Times of the gateways' starts and stops, in seconds.</summary>
internal static class GatewaySteps
{
    /// <summary>Gateways added to the first three.</summary>
    public const int Count = 9;

    /// <summary>A time without changes.</summary>
    public const int Steady = 10;

    /// <summary>Minimum time between two starts.</summary>
    public const int Start = 4;

    /// <summary>Minimum time between two SIGTERMs.</summary>
    public const int Leave = 3;

    /// <summary>Upper bound of the course.</summary>
    public const int MaxSeconds = 1_800;
}
