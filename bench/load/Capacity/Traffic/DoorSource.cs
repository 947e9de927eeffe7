using System.Diagnostics;
using Grid.Bench.Load.Capacity.History;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Capacity.Traffic;

/// <summary>Doors that scan the codes shown last, singly or in batches, and record every outcome.</summary>
/// <param name="batch">Scans in a request; 0 for the single call.</param>
internal sealed class DoorSource(
    DeviceRequests devices,
    CodeRing codes,
    ScanHistory history,
    ScanIds ids,
    int batch,
    int seed
) : IRequestSource
{
    private readonly Random _random = new(seed);
    private readonly SlotTable<AskedScan[]> _underWay = new();

    /// <summary>Writes a scan; false while no code is fresh enough.</summary>
    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        tag = default;
        var scans = Draw();
        if (scans.Length == 0)
            return false;
        var start = request.BeginBody(devices.Head(scans[0].Venue, batch > 0));
        if (batch > 0)
            request.Append("["u8);
        for (var i = 0; i < scans.Length; i++)
        {
            if (i > 0)
                request.Append(","u8);
            devices.WriteScan(request, scans[i].Venue, scans[i].Id, scans[i].Code);
        }
        if (batch > 0)
            request.Append("]"u8);
        request.EndBody(start);
        tag = new RequestTag(batch > 0 ? RequestKind.ScanBatch : RequestKind.Scan, scans.Length, _underWay.Put(scans));
        return true;
    }

    private AskedScan[] Draw()
    {
        var scans = new AskedScan[Math.Max(1, batch)];
        var venue = _random.Next(devices.Venues);
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < scans.Length; i++)
        {
            if (codes.Draw(_random, now) is not { } code)
                return [];
            scans[i] = new AskedScan(ids.Next(), code, venue);
        }
        return scans;
    }

    public Verdict Judge(in RequestTag tag, in Response response)
    {
        var scans = _underWay[tag.Key];
        var body = response.Body;
        var verdict = Verdicts.Of(response.Status, IsRecorded(response.Status, body, scans.Length));
        if (verdict != Verdict.Done)
            return verdict;
        _underWay.Take(tag.Key);
        if (batch == 0)
        {
            history.Acknowledge(scans[0], body);
            return verdict;
        }
        foreach (var scan in scans)
        {
            if (OutcomeList.TryTake(ref body, out var outcome))
                history.Acknowledge(scan, outcome);
        }
        return verdict;
    }

    /// <summary>
    /// Any outcome counts, admitted or not, except an unreadable code: that means that this tool showed a stale one.
    /// </summary>
    public static bool IsRecorded(int status, ReadOnlySpan<byte> body, int scans) =>
        status == 200 && body.IndexOf("\"token-"u8) < 0 && body.Count("\"recordedAt\":"u8) == scans;

    public void GivenUp(in RequestTag tag, Verdict verdict) => _underWay.Take(tag.Key);
}
