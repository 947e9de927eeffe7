using System.Text;
using Grid.Bench.Baselines;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load.Scenarios;

/// <summary>The display of a baseline: residents drawn as for Grid, known by number instead of by token.</summary>
internal sealed class BaselineDisplaySource(string host, PackedText residentIds, ZipfSampler residents) : IRequestSource
{
    private readonly byte[] _tail = Encoding.ASCII.GetBytes($" HTTP/1.1\r\nHost: {host}\r\n\r\n");

    public static PackedText Ids(int residents) => new([.. Enumerable.Range(0, residents).Select(i => BaselineIds.Resident(i).ToString())]);

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        request.Append("GET /display/"u8);
        request.Append(residentIds[residents.Next()]);
        request.Append(_tail);
        tag = new RequestTag(RequestKind.Display);
        return true;
    }

    public Verdict Judge(in RequestTag tag, in Response response) => Verdicts.Of(
        response.Status, response.Status == 200 && BodyFields.TryString(response.Body, "\"token\":"u8, out _));
}

/// <summary>The scan of a baseline: a body of Grid's shape and size, a new scan id each.</summary>
internal sealed class BaselineScanSource(string host, int venues, int seed) : IRequestSource
{
    /// <summary>As long as a displayed code, and as little looked at by a baseline.</summary>
    public const string Code = "HK1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDEXWK G2EP4J0BGJLFX3R3VHXK.PJ:2D";

    private readonly byte[] _head = Encoding.ASCII.GetBytes($"POST /scan HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n");
    private readonly byte[][] _tails =
        [.. Enumerable.Range(1, venues).Select(i => Encoding.ASCII.GetBytes($"\",\"venueId\":\"load-{i}\",\"token\":\"{Code}\"}}"))];
    private readonly ScanIds _ids = new(seed);
    private int _next;

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        var start = request.BeginBody(_head);
        request.Append("{\"scanId\":\""u8);
        request.Append(_ids.Next());
        request.Append(_tails[_next++ % _tails.Length]);
        request.EndBody(start);
        tag = new RequestTag(RequestKind.Scan);
        return true;
    }

    public Verdict Judge(in RequestTag tag, in Response response) => Verdicts.Of(
        response.Status, response.Status == 200 && BodyFields.Begins(response.Body, "\"admit\":"u8, "true"u8));
}
