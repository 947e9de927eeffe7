using System.Globalization;
using System.Net;
using System.Text;

namespace Grid.Bench.Baselines;

/// <summary>
/// Redis: one GET for a display, one SET NX for a scan, over a few connections on which commands follow each other without
/// waiting, as its usual clients do. How durable a scan is, is the server's setting.
/// </summary>
internal sealed class RedisStore(string address) : ICodeStore
{
    private const int Connections = 4;
    private const int FillInFlight = 1_000;

    private readonly RedisConnection[] _connections =
        [.. Enumerable.Range(0, Connections).Select(_ => new RedisConnection(IPEndPoint.Parse(address)))];

    private int _next;

    public async Task PrepareAsync(int residents, CancellationToken cancel)
    {
        foreach (var connection in _connections)
            await connection.OpenAsync(cancel);
        for (var from = 0; from < residents; from += FillInFlight)
        {
            var part = Enumerable.Range(from, Math.Min(FillInFlight, residents - from)).Select(static number =>
            {
                var id = BaselineIds.Resident(number);
                return (Key: KeyOf(id), Value: DisplaySample.Json(id));
            });
            await Task.WhenAll(part.Select(each => Next().SendAsync(["SET", each.Key, each.Value])));
        }
    }

    public async ValueTask<byte[]?> DisplayAsync(Guid residentId, CancellationToken cancel) =>
        await Next().SendAsync(["GET", KeyOf(residentId)]);

    public async ValueTask<bool> RecordAsync(Visit visit, CancellationToken cancel)
    {
        var value = string.Create(CultureInfo.InvariantCulture, $"{visit.VenueId}|{visit.At.ToUnixTimeMilliseconds()}|{visit.Token}");
        return await Next().SendAsync(["SET", $"v:{visit.ScanId:N}", value, "NX"]) is not null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
    }

    private static string KeyOf(Guid resident) => $"r:{resident:N}";

    private RedisConnection Next() => _connections[(uint)Interlocked.Increment(ref _next) % Connections];
}
