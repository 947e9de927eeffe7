using Grid.Bench.Load.Http;

namespace Grid.Bench.Load.Scenarios;

/// <summary>The kind of a request; each kind is counted separately.</summary>
internal enum RequestKind : byte
{
    Get,
    Display,
    Scan,
    ScanBatch,
    Result,

    /// <summary>A tube registered, filled or sealed.</summary>
    Sampling,

    /// <summary>A challenge, or a sign-in that is refused.</summary>
    SignIn,
}

/// <summary>What a source needs to judge the answer to its request.</summary>
/// <param name="Units">The facts of the request: scans of a batch, members of a tube; 1 for a display.</param>
/// <param name="Key">The source's own: a resident's index, a tube's number.</param>
/// <param name="Expected">The source's own: the least that the answer must show, as of when the request was
/// written.</param>
internal readonly record struct RequestTag(RequestKind Kind, int Units = 1, int Key = 0, int Expected = 0);

internal enum Verdict : byte
{
    /// <summary>Answered as the API promises, whatever the business outcome.</summary>
    Done,

    /// <summary>429 or 503: the server protects itself.</summary>
    Refused,

    /// <summary>Any other status, or a body that does not match the request.</summary>
    Wrong,

    /// <summary>No whole answer in time. The outcome is unknown.</summary>
    TimedOut,

    /// <summary>The connection broke, or none could be made.</summary>
    Broken,
}

/// <summary>Makes the requests of one worker and judges the answers. Used by one thread.</summary>
internal interface IRequestSource
{
    /// <summary>Writes the next request; false when nothing is left to send, which ends the worker's run.</summary>
    bool TryNext(RequestBuffer request, out RequestTag tag);

    Verdict Judge(in RequestTag tag, in Response response);

    /// <summary>
    /// The request is not done and is not retried. After <see cref="Verdict.TimedOut"/> and
    /// <see cref="Verdict.Broken"/> it is unknown whether it was carried out.
    /// </summary>
    void GivenUp(in RequestTag tag, Verdict verdict) { }
}

internal static class Verdicts
{
    public static Verdict Of(int status, bool isExpected) =>
        status switch
        {
            _ when isExpected => Verdict.Done,
            429 or 503 => Verdict.Refused,
            _ => Verdict.Wrong,
        };
}
