using Grid.Bench.Load.Driving;

namespace Grid.Bench.Load.Capacity.Play;

/// <summary>How the rate goes over the time of a scenario, and when something happens.</summary>
/// <param name="EventAt">Seconds from the start; null when nothing is done to the cluster.</param>
internal sealed record Course(RateProfile Rate, int Seconds, double? EventAt, IReadOnlyList<LoadPhase> Phases)
{
    private const int Quiet = 3,
        Ramp = 10,
        Top = 15;

    /// <summary>Before the wave, overload lasts, and what comes after it.</summary>
    private const int Before = 5,
        Over = 15,
        After = 15;

    /// <summary>Tenfold in ten seconds, as at 07:40.</summary>
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

    /// <summary>Part of the peak, ten times the peak at once, and the part again.</summary>
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

    /// <summary>A silo leaves in the middle of an even load; long enough for half a million residents to move.</summary>
    public static Course Leave(double rate) =>
        new(
            RateProfile.Flat(rate),
            Before + Leaving,
            Before,
            [new LoadPhase("before", 0, Before), new LoadPhase("while it leaves, and after", Before, Before + Leaving)]
        );

    /// <summary>
    /// An even load, and beside it nine gateways that start one after the other: first in a cluster of their own, which shows what a
    /// start costs the machine, then in this one, which they leave again. It is over when they have, however long the starts take.
    /// </summary>
    public static Course Gateways(double rate) =>
        new(RateProfile.Flat(rate), GatewaySteps.MaxSeconds, GatewaySteps.Steady, []) { EndsWithEvent = true };

    /// <summary>Whether the load ends when what happens is over, and not after the seconds.</summary>
    public bool EndsWithEvent { get; init; }

    /// <summary>Seconds of a stop's even load after the signal.</summary>
    public const int Leaving = 60;

    /// <summary>How many times the peak is offered.</summary>
    public const double Factor = 10;

    /// <summary>The part of the peak that is offered before and after.</summary>
    public const double NormalPart = 0.7;

    public static int OverloadEnds => Before + Over;
}

/// <summary>How the gateways of a course come and go, in seconds.</summary>
internal static class GatewaySteps
{
    /// <summary>Gateways that come beside the three.</summary>
    public const int Count = 9;

    /// <summary>A time in which nothing changes.</summary>
    public const int Steady = 10;

    /// <summary>The least from one start to the next.</summary>
    public const int Start = 4;

    /// <summary>The least from one SIGTERM to the next.</summary>
    public const int Leave = 3;

    /// <summary>After which the load ends in any case.</summary>
    public const int MaxSeconds = 1_800;
}
