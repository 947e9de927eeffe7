using System.Diagnostics.Metrics;
using Grid.Gateway.Metrics;

namespace Grid.Gateway.Security;

/// <summary>Events that may be traces of an attack.</summary>
internal enum SecurityEvent
{
    /// <summary>A wrong one-time code.</summary>
    SignInRefused,

    /// <summary>A wrong client secret.</summary>
    ClientRefused,

    /// <summary>A bearer token that is not of this grid: forged, altered, or signed by a retired key.</summary>
    TokenInvalid,

    /// <summary>A genuine token that was revoked.</summary>
    TokenRevoked,

    /// <summary>A phone reached its hourly limit of codes.</summary>
    PhoneLimited,

    /// <summary>An identity number reached its hourly limit of codes.</summary>
    DocumentLimited,

    /// <summary>A source reached its limit of calls or wrong codes.</summary>
    SourceLimited,

    /// <summary>All sources together reached the limit of sign-in calls.</summary>
    SignInLimited,

    /// <summary>A subject reached its limit of open streams.</summary>
    StreamsLimited,

    /// <summary>An operator changed a profile.</summary>
    ProfileChanged,
}

/// <summary>
/// Counts security events and logs them without personal data: the first of a kind at once, then one line per kind and
/// <see cref="LogPeriod"/>, so that an attack does not fill the log.
/// </summary>
internal sealed partial class SecurityEvents
{
    /// <summary>Shortest time between two lines of one kind.</summary>
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
                "Security events: refused sign-ins, forged tokens, reached limits."
            );
        // Start every series at 0, so that an alert sees its first event.
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
