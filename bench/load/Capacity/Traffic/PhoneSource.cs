using System.Diagnostics;
using Grid.Bench.Load.Capacity.History;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Capacity.Traffic;

/// <summary>
/// Residents who look at their code. A display must know each result that was acknowledged before the request was sent.
/// The codes shown go to the doors.
/// </summary>
internal sealed class PhoneSource(
    DisplayRequests requests,
    ZipfSampler residents,
    CodeRing codes,
    ResultHistory results,
    SiloAvailability silos
) : IRequestSource
{
    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        var resident = residents.Next();
        requests.Write(request, resident);
        tag = new RequestTag(RequestKind.Display, 1, resident, results.NewestOf(resident));
        return true;
    }

    public Verdict Judge(in RequestTag tag, in Response response)
    {
        var verdict = DisplayRequests.Judge(response, out var token);
        if (verdict != Verdict.Done)
            return verdict;
        var now = Stopwatch.GetTimestamp();
        codes.Add(token, now);
        silos.Done(tag.Key, now);
        if (tag.Expected > 0 && !Knows(response.Body, tag.Expected))
            results.Stale();
        return verdict;
    }

    private bool Knows(ReadOnlySpan<byte> body, int expected) =>
        ShownTest.TryRead(body, out var isNegative, out var at)
        && results.SecondOf(at) is var second
        && (second > expected || (second == expected && isNegative));
}
