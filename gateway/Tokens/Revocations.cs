using System.Collections.Frozen;
using System.Text;
using Grid.Clients;

namespace Grid.Gateway.Tokens;

/// <summary>
/// The subjects whose earlier tokens are revoked, as this gateway last read them. A token check reads them without a
/// lock and without allocation; while none are revoked it costs one comparison.
/// </summary>
public sealed class Revocations
{
    private volatile Snapshot? _snapshot;

    /// <summary>
    /// Whether the token is revoked. 0 stands for an unknown time of issue, which any revocation covers.
    /// </summary>
    internal bool Covers(in Caller caller, uint issuedUnixSeconds)
    {
        if (_snapshot is not { } known)
            return false;
        if (caller.Role == Role.Resident)
            return known.Residents.TryGetValue(caller.ResidentId, out var before) && issuedUnixSeconds <= before;
        Span<char> subject = stackalloc char[Caller.MaxSubjectLength];
        var length = Encoding.ASCII.GetChars(caller.SubjectBytesUtf8, subject);
        return known.Others[(int)caller.Role] is { } subjects
            && subjects.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(subject[..length], out var notBefore)
            && issuedUnixSeconds <= notBefore;
    }

    /// <summary>Replaces the revoked subjects.</summary>
    internal void Set(IReadOnlyList<RevokedSubject> revoked)
    {
        if (revoked.Count == 0)
        {
            _snapshot = null;
            return;
        }
        var others = new FrozenDictionary<string, long>?[Enum.GetValues<Role>().Max(role => (int)role) + 1];
        foreach (
            var role in revoked
                .GroupBy(each => each.Role)
                .Where(each => each.Key != (int)Role.Resident && each.Key < others.Length)
        )
            others[role.Key] = role.ToFrozenDictionary(
                each => each.Subject,
                each => each.NotBeforeUnixSeconds,
                StringComparer.Ordinal
            );
        _snapshot = new Snapshot(
            revoked
                .Where(each => each.Role == (int)Role.Resident)
                .ToFrozenDictionary(each => Guid.Parse(each.Subject), each => each.NotBeforeUnixSeconds),
            others
        );
    }

    private sealed record Snapshot(FrozenDictionary<Guid, long> Residents, FrozenDictionary<string, long>?[] Others);
}

/// <summary>Reads the revoked subjects every 2 s, and revokes.</summary>
internal sealed partial class RevocationFeed(
    IGrainFactory grains,
    Revocations revocations,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<RevocationFeed> logger
) : BackgroundService
{
    /// <summary>The longest time until other gateways apply a revocation.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private bool _isBehind;

    /// <summary>Revokes a subject's tokens; false when the list of revoked subjects is full.</summary>
    internal async Task<bool> RevokeAsync(Role role, string subject, string by)
    {
        var name = role == Role.Resident ? Guid.Parse(subject).ToString() : subject;
        if (!await Grain.Revoke(new RevokedSubject((int)role, name, time.GetUtcNow().ToUnixTimeSeconds(), by)))
            return false;
        revocations.Set(await Grain.All());
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // No silo answers before the host has started.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            await started.Task.WaitAsync(stoppingToken);
            do await ReadAsync();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private IRevocationsGrain Grain => grains.GetGrain<IRevocationsGrain>(0);

    private async Task ReadAsync()
    {
        try
        {
            revocations.Set(await Grain.All());
            _isBehind = false;
        }
        catch (Exception exception)
        {
            // Keep the revocations that were read last.
            if (!_isBehind)
                NotRead(logger, exception);
            _isBehind = true;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The revoked subjects could not be read; those read before stay revoked")]
    private static partial void NotRead(ILogger logger, Exception exception);
}
