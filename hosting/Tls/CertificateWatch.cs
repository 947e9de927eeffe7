using System.Diagnostics.Metrics;
using Grid.Hosting.Start;

namespace Grid.Hosting.Tls;

/// <summary>
/// Rereads the certificate files every two seconds, uses renewed ones for new connections, and warns before the current
/// one expires. Ignores inconsistent files, as in the middle of a renewal, until the next read.
/// </summary>
internal sealed partial class CertificateWatch : BackgroundService
{
    internal const string MeterName = "Grid.Certificates";

    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WarnPeriod = TimeSpan.FromHours(1);
    private static readonly TimeSpan WarnAhead = TimeSpan.FromDays(21);

    private readonly MemberCertificates _certificates;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private DateTimeOffset _warnAgainAt = DateTimeOffset.MinValue;
    private string _complaint = "";

    /// <summary>Also creates the gauge <c>grid.certificate.expiry</c>.</summary>
    public CertificateWatch(
        MemberCertificates certificates,
        TimeProvider time,
        IMeterFactory meters,
        ILogger<CertificateWatch> log
    )
    {
        (_certificates, _time, _log) = (certificates, time, log);
        meters
            .Create(MeterName)
            .CreateObservableGauge(
                "grid.certificate.expiry",
                () =>
                    new Measurement<long>(End.ToUnixTimeSeconds(), new KeyValuePair<string, object?>("use", "cluster")),
                "s",
                "Unix time at which a certificate of this process expires."
            );
    }

    private DateTimeOffset End => new(_certificates.Own.NotAfter);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookPeriod, _time);
        try
        {
            do
            {
                Refresh();
                WarnOfEnd();
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private void Refresh()
    {
        try
        {
            if (_certificates.Refresh())
            {
                _warnAgainAt = DateTimeOffset.MinValue;
                LogRenewed(_log, End.UtcDateTime);
            }

            _complaint = "";
        }
        catch (StartException exception)
        {
            // Log each reason once: the files are read every two seconds.
            if (_complaint != exception.Message)
                LogUnusable(_log, exception.Message);
            _complaint = exception.Message;
        }
    }

    private void WarnOfEnd()
    {
        var now = _time.GetUtcNow();
        var third = (End - new DateTimeOffset(_certificates.Own.NotBefore)) / 3;
        // Warn of a short-lived certificate when a third of its life is left.
        if (End - now > (third < WarnAhead ? third : WarnAhead) || now < _warnAgainAt)
            return;
        _warnAgainAt = now + WarnPeriod;
        LogEnds(_log, End.UtcDateTime);
    }

    [LoggerMessage(LogLevel.Information, "The certificate of this member was renewed; it expires at {End:u}")]
    private static partial void LogRenewed(ILogger log, DateTime end);

    [LoggerMessage(
        LogLevel.Warning,
        "The certificate of this member expires at {End:u}; after that no other member accepts its connections"
    )]
    private static partial void LogEnds(ILogger log, DateTime end);

    [LoggerMessage(LogLevel.Warning, "The renewed certificate is invalid, the one in memory stays in use: {Reason}")]
    private static partial void LogUnusable(ILogger log, string reason);
}
