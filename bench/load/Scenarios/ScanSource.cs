using System.Text;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load.Scenarios;

/// <summary>The venues of a run with the head of their devices' requests.</summary>
internal sealed class DeviceRequests
{
    private readonly byte[][] _singleHeads;
    private readonly byte[][] _batchHeads;
    private readonly byte[][] _venueFields;

    public DeviceRequests(string host, IReadOnlyList<string> venueIds, IReadOnlyList<string> deviceTokens)
    {
        _singleHeads = [.. deviceTokens.Select(token => Head("/v1/scans", host, token))];
        _batchHeads = [.. deviceTokens.Select(token => Head("/v1/scans/batch", host, token))];
        _venueFields = [.. venueIds.Select(id => Encoding.ASCII.GetBytes($"\",\"venueId\":\"{id}\",\"token\":\""))];
    }

    public int Venues => _venueFields.Length;

    public ReadOnlySpan<byte> Head(int venue, bool isBatch) => (isBatch ? _batchHeads : _singleHeads)[venue];

    public void WriteScan(RequestBuffer request, int venue, Guid scanId, ReadOnlySpan<byte> code)
    {
        request.Append("{\"scanId\":\""u8);
        request.Append(scanId);
        request.Append(_venueFields[venue]);
        request.Append(code);
        request.Append("\"}"u8);
    }

    public static byte[] Head(string path, string host, string token) =>
        Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
                + "Content-Type: application/json\r\n"
        );
}

/// <summary>Doors that scan codes: one scan a request, or batches.</summary>
/// <param name="batch">Scans in a request; 0 for the single call.</param>
internal sealed class ScanSource(DeviceRequests devices, CodePool codes, int batch, int seed) : IRequestSource
{
    private readonly Random _random = new(seed);
    private readonly ScanIds _ids = new(seed);

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        var venue = _random.Next(devices.Venues);
        var start = request.BeginBody(devices.Head(venue, batch > 0));
        if (batch > 0)
            WriteBatch(request, venue);
        else
            devices.WriteScan(request, venue, _ids.Next(), codes[_random.Next(codes.Count)]);
        request.EndBody(start);
        tag = batch > 0 ? new RequestTag(RequestKind.ScanBatch, batch) : new RequestTag(RequestKind.Scan);
        return true;
    }

    private void WriteBatch(RequestBuffer request, int venue)
    {
        request.Append("["u8);
        for (var i = 0; i < batch; i++)
        {
            if (i > 0)
                request.Append(","u8);
            devices.WriteScan(request, venue, _ids.Next(), codes[_random.Next(codes.Count)]);
        }
        request.Append("]"u8);
    }

    /// <summary>
    /// Any outcome counts, admitted or not, except an unreadable code: this tool showed a stale one, and the scan
    /// measured is not the one intended.
    /// </summary>
    public Verdict Judge(in RequestTag tag, in Response response)
    {
        var body = response.Body;
        var isRecorded =
            response.Status == 200
            && body.IndexOf("\"token-"u8) < 0
            && (
                tag.Kind == RequestKind.Scan
                    ? body.IndexOf("\"recordedAt\":"u8) >= 0
                    : body.Count("\"recordedAt\":"u8) == tag.Units
            );
        return Verdicts.Of(response.Status, isRecorded);
    }
}
