using System.Diagnostics.Metrics;
using Grid.Gateway.Metrics;

namespace Grid.Gateway.Security;

/// <summary>What somebody who attacks the grid leaves behind.</summary>
internal enum SecurityEvent
{
    /// <summary>A one-time code that does not fit.</summary>
    SignInRefused,

    /// <summary>A client's secret that does not fit.</summary>
    ClientRefused,

    /// <summary>A bearer token that is not one of this grid: forged, changed, or of a key that is gone.</summary>
    TokenInvalid,

    /// <summary>A genuine token that was revoked.</summary>
    TokenRevoked,

    /// <summary>Codes for one phone, too many in an hour.</summary>
    PhoneLimited,

    /// <summary>Codes for one identity number, too many in an hour.</summary>
    DocumentLimited,

    /// <summary>Calls or wrong codes of one source, too many.</summary>
    SourceLimited,

    /// <summary>Calls of sign-in of all sources together, too many.</summary>
    SignInLimited,

    /// <summary>Streams of one subject, too many at once.</summary>
    StreamsLimited,

    /// <summary>A profile was changed by an operator.</summary>
    ProfileChanged,
}

/// <summary>
/// Counts security events, and logs them without persons: the first of a kind at once, and then one line for all of
/// that kind in <see cref="LogPeriod"/>, so that an attack does not fill the log.
/// </summary>
internal sealed partial class SecurityEvents
{
    /// <summary>At most one line for each kind in this time.</summary>
    internal static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    private static readonly string[] Names =
    [
        "sign-in-refused",
        "client-refused",
        "token-invalid",
        "token-revoked",
        "phone-limited",
        "document-limited",
        "source-limited",
        "sign-in-limited",
        "streams-limited",
        "profile-changed",
    ];

    private readonly Counter<long> _counter;
    private readonly TimeProvider _time;
    private readonly ILogger<SecurityEvents> _logger;
    private readonly long[] _unlogged = new long[Names.Length];
    private readonly long[] _loggedAt = new long[Names.Length];

    public SecurityEvents(IMeterFactory meters, TimeProvider time, ILogger<SecurityEvents> logger)
    {
        (_time, _logger) = (time, logger);
        _counter = meters
            .Create(HotCounters.MeterName)
            .CreateCounter<long>(
                "grid.security.events",
                "{event}",
                "Refused sign-ins, forged tokens, limits that were reached."
            );
        // A series that is there from the start can be alerted on from its first event.
        foreach (var name in Names)
            _counter.Add(0, new KeyValuePair<string, object?>("event", name));
    }

    internal void Count(SecurityEvent kind)
    {
        var i = (int)kind;
        _counter.Add(1, new KeyValuePair<string, object?>("event", Names[i]));
        Interlocked.Increment(ref _unlogged[i]);
        var now = _time.GetTimestamp();
        var last = Volatile.Read(ref _loggedAt[i]);
        if (
            (last != 0 && _time.GetElapsedTime(last, now) < LogPeriod)
            || Interlocked.CompareExchange(ref _loggedAt[i], now, last) != last
        )
            return;
        Counted(_logger, Names[i], Interlocked.Exchange(ref _unlogged[i], 0));
    }

    [LoggerMessage(1, LogLevel.Warning, "Security event {Event}: {Count} since the last line of this kind")]
    private static partial void Counted(ILogger logger, string @event, long count);
}
