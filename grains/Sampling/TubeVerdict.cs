using Grid.Results;

namespace Grid.Sampling;

/// <summary>The combined meaning of a tube's results, in any order of arrival.</summary>
/// <param name="Counting">The valid result of the highest sequence; null without one.</param>
/// <param name="ForMember">
/// What that result means for one member: a positive pool is inconclusive until the single retest.
/// </param>
/// <param name="Cause">The cause that the results ask for.</param>
/// <param name="Reason">The result behind the cause; null without one.</param>
/// <param name="Corrected">Whether a correction is in force.</param>
public readonly record struct TubeVerdict(
    ReceivedResult? Counting,
    TestResult? ForMember,
    StandingCause Cause,
    ReceivedResult? Reason,
    bool Corrected
);
