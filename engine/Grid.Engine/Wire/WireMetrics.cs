using System.Diagnostics.Metrics;

namespace Grid.Engine.Wire;

/// <summary>What was refused on a connection, or the connection itself.</summary>
internal enum WireRefusal
{
    Calls,
    Bytes,
    Connections,
    Version,
    Grid,
    Certificate,
    Garbage,
}

/// <summary>
/// What the connections between silos count, under the meter "Grid.Engine.Wire". Calls themselves are counted by the
/// engines at both ends.
/// </summary>
internal sealed class WireMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Grid.Engine.Wire";

    private const int ReleaseLengthMax = 32;

    private static readonly KeyValuePair<string, object?> s_out = new("direction", "out");
    private static readonly KeyValuePair<string, object?> s_in = new("direction", "in");

    private readonly Meter _meter;
    private readonly TimeProvider _time;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _connects;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _sentBytes;
    private readonly Counter<long> _sends;
    private readonly Histogram<double> _roundTrips;

    /// <param name="meters">Makes the meter; null in tests.</param>
    /// <param name="time">The clock of round trips.</param>
    /// <param name="links">The connections at this moment.</param>
    /// <param name="expiry">When the certificate in use ends; null without TLS.</param>
    internal WireMetrics(IMeterFactory? meters, TimeProvider time, Func<IEnumerable<SocketLink>> links, Func<DateTimeOffset?> expiry)
    {
        _time = time;
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _refused = _meter.CreateCounter<long>("grid.wire.refused", "{refusal}", "Calls and connections that were refused, by reason.");
        _connects = _meter.CreateCounter<long>("grid.wire.connects", "{attempt}", "Attempts to connect to a silo, by outcome.");
        _lost = _meter.CreateCounter<long>("grid.wire.lost", "{connection}", "Connections that ended without a farewell, by reason.");
        _sentBytes = _meter.CreateCounter<long>("grid.wire.sent", "By", "Bytes that were sent, before encryption.");
        _sends = _meter.CreateCounter<long>("grid.wire.sends", "{send}", "How often bytes were sent: many calls go at once when there is much to do.");
        _roundTrips = _meter.CreateHistogram<double>(
            "grid.wire.round.trip", "s", "From sending a call to its answer, of one call in sixteen.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] });
        _meter.CreateObservableGauge("grid.wire.connections", () => Count(links(), static _ => 1), "{connection}", "Connections.");
        _meter.CreateObservableGauge(
            "grid.wire.releases", () => Releases(links()), "{connection}", "Connections by the release of the other side and the protocol that is spoken with it.");
        _meter.CreateObservableGauge(
            "grid.wire.calls.active",
            () => new[]
            {
                new Measurement<long>(links().Sum(static link => (long)(link.Session?.Outbound ?? 0)), s_out),
                new Measurement<long>(links().Sum(static link => (long)(link.Session?.Inbound ?? 0)), s_in),
            },
            "{call}", "Calls under way to other silos (out) and from them (in).");
        _meter.CreateObservableGauge(
            "grid.wire.queued", () => links().Sum(static link => (long)(link.Session?.QueuedBytes ?? 0)), "By", "Bytes that wait to be sent.");
        _meter.CreateObservableGauge(
            "grid.certificate.expiry",
            () => expiry() is { } end ? [new Measurement<long>(end.ToUnixTimeSeconds(), new KeyValuePair<string, object?>("use", "cluster"))] : Array.Empty<Measurement<long>>(),
            "s", "Unix time at which a certificate in use ends.");
    }

    internal bool TimesRoundTrips => _roundTrips.Enabled;

    public void Dispose() => _meter.Dispose();

    internal void Refused(WireRefusal reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason switch
    {
        WireRefusal.Calls => "calls",
        WireRefusal.Bytes => "bytes",
        WireRefusal.Connections => "connections",
        WireRefusal.Version => "version",
        WireRefusal.Grid => "grid",
        WireRefusal.Certificate => "certificate",
        _ => "garbage",
    }));

    internal void Connected(bool isWell, bool isAgain) => _connects.Add(1, new KeyValuePair<string, object?>(
        "outcome", isWell ? (isAgain ? "again" : "first") : "failed"));

    internal void Lost(LinkEnd end) => _lost.Add(1, new KeyValuePair<string, object?>("reason", end switch
    {
        LinkEnd.Silent => "silent",
        LinkEnd.Damaged => "damaged",
        _ => "closed",
    }));

    internal void Sent(int bytes)
    {
        _sentBytes.Add(bytes);
        _sends.Add(1);
    }

    internal void RoundTrip(long sentAt) => _roundTrips.Record(_time.GetElapsedTime(sentAt).TotalSeconds);

    private static IEnumerable<Measurement<long>> Releases(IEnumerable<SocketLink> links) => links
        .Select(static link => link.Session).OfType<WireSession>()
        .GroupBy(static session => (Release: ReleaseOf(session.Peer), session.Version))
        .Select(static group => new Measurement<long>(
            group.LongCount(),
            new KeyValuePair<string, object?>("release", group.Key.Release), new KeyValuePair<string, object?>("protocol", group.Key.Version)));

    // Without the commit that it was built from.
    private static string ReleaseOf(Hello peer)
    {
        var release = peer.Product.Split('+')[0];
        return release[..Math.Min(release.Length, ReleaseLengthMax)];
    }

    private static Measurement<long>[] Count(IEnumerable<SocketLink> links, Func<SocketLink, long> value)
    {
        var (outgoing, incoming) = (0L, 0L);
        foreach (var link in links)
        {
            if (link.IsAccepted)
            {
                incoming += value(link);
            }
            else
            {
                outgoing += value(link);
            }
        }

        return [new(outgoing, s_out), new(incoming, s_in)];
    }
}
