using Grid.Scans;
using Grid.Venues;
using Orleans.Serialization;
using StackExchange.Redis;

namespace Grid.Bench.Baselines.Rows;

/// <summary>
/// Redis through StackExchange.Redis: one GET for a display, one SET NX for a scan, over a single connection as the
/// library advises. The server's settings decide durability: the comparison starts it with <c>appendfsync always</c>.
/// </summary>
internal sealed class RedisRows(string address, Serializer serializer) : IRowStore
{
    private const int FillAtOnce = 1_000;

    private ConnectionMultiplexer? _connection;

    private IDatabase Rows => _connection!.GetDatabase();

    /// <inheritdoc/>
    public async Task FillAsync(IEnumerable<(Guid Key, ResidentRow Row)> residents, CancellationToken cancel)
    {
        _connection = await ConnectionMultiplexer.ConnectAsync(address);
        foreach (var part in residents.Chunk(FillAtOnce))
        {
            cancel.ThrowIfCancellationRequested();
            await Task.WhenAll(
                part.Select(each => Rows.StringSetAsync(KeyOf(each.Key), serializer.SerializeToArray(each.Row)))
            );
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ResidentRow?> ReadAsync(Guid resident) =>
        (byte[]?)await Rows.StringGetAsync(KeyOf(resident)) is { } row
            ? serializer.Deserialize<ResidentRow>(row)
            : null;

    /// <inheritdoc/>
    public async ValueTask<VisitReceipt> AppendAsync(Visit visit, CancellationToken cancellation)
    {
        var key = $"s:{visit.ScanId}";
        if (await Rows.StringSetAsync(key, serializer.SerializeToArray(visit), when: When.NotExists))
            return new VisitReceipt(VisitStatus.Recorded, visit);
        return IRowStore.Repeated(visit, serializer.Deserialize<Visit>((byte[])(await Rows.StringGetAsync(key))!)!);
    }

    /// <inheritdoc/>
    public async ValueTask<Venue?> ReadVenueAsync(string venueId) =>
        (byte[]?)await Rows.StringGetAsync($"v:{venueId}") is { } row ? serializer.Deserialize<Venue>(row) : null;

    /// <inheritdoc/>
    public Task WriteVenueAsync(string venueId, Venue venue) =>
        Rows.StringSetAsync($"v:{venueId}", serializer.SerializeToArray(venue));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static RedisKey KeyOf(Guid resident) => resident.ToByteArray(bigEndian: true);
}
