using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Grid.Gateway.Errors;
using Grid.Gateway.Security;
using Grid.Residents;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Sessions;

/// <summary>The limits of sign-in and registration: per phone, per identity number, per source and in total.</summary>
internal sealed class SignInLimits : IDisposable
{
    private const int BurstSecondsOfSource = 15;
    private const int BurstSecondsOfAll = 2;
    private const int BurstMinutesOfRefusals = 2;
    private const int Ipv6NetworkBytes = 7;

    private readonly HourCounts _phones;
    private readonly HourCounts _documents;
    private readonly PartitionedRateLimiter<string> _sources;
    private readonly PartitionedRateLimiter<string> _waits;
    private readonly PartitionedRateLimiter<string> _refusals;
    private readonly TokenBucketRateLimiter _all;
    private readonly ConcurrencyLimiter _allWaits;
    private readonly SecurityEvents _events;

    public SignInLimits(IOptions<SignInOptions> options, SecurityEvents events, TimeProvider time)
    {
        var limits = options.Value;
        _events = events;
        _phones = new HourCounts(limits.PerPhoneAndHour, time);
        _documents = new HourCounts(limits.PerDocumentAndHour, time);
        _sources = Partitioned(source =>
            RateLimitPartition.GetTokenBucketLimiter(source, _ =>
                Bucket(limits.PerSourceAndSecond, BurstSecondsOfSource, TimeSpan.FromSeconds(1))
            )
        );
        _refusals = Partitioned(source =>
            RateLimitPartition.GetTokenBucketLimiter(source, _ =>
                Bucket(limits.RefusedPerSourceAndMinute, BurstMinutesOfRefusals, TimeSpan.FromMinutes(1))
            )
        );
        _waits = Partitioned(source =>
            RateLimitPartition.GetConcurrencyLimiter(source, _ => Waiting(limits.WaitingPerSourceMax))
        );
        var all = Bucket(limits.PerSecond, BurstSecondsOfAll, TimeSpan.FromSeconds(1));
        all.AutoReplenishment = true;
        _all = new TokenBucketRateLimiter(all);
        _allWaits = new ConcurrencyLimiter(Waiting(limits.WaitingMax));
    }

    /// <summary>Counts a call; the lease is its slot among the waiting calls.</summary>
    /// <returns>Null above a limit; then <paramref name="retryAfterSeconds"/> is set.</returns>
    internal IDisposable? Enter(HttpContext context, out int retryAfterSeconds)
    {
        var source = SourceOf(context);
        retryAfterSeconds = 1;
        using (var rate = _sources.AttemptAcquire(source))
        {
            if (!rate.IsAcquired)
                return Refuse(SecurityEvent.SourceLimited);
        }
        using (var rate = _all.AttemptAcquire())
        {
            if (!rate.IsAcquired)
                return Refuse(SecurityEvent.SignInLimited);
        }
        var own = _waits.AttemptAcquire(source);
        if (!own.IsAcquired)
        {
            own.Dispose();
            return Refuse(SecurityEvent.SourceLimited);
        }
        var place = _allWaits.AttemptAcquire();
        if (place.IsAcquired)
            return new Places(own, place);
        own.Dispose();
        place.Dispose();
        return Refuse(SecurityEvent.SignInLimited);
    }

    /// <summary>Counts a requested code by phone, registered or not.</summary>
    /// <exception cref="RefusedException">The phone is at its limit.</exception>
    internal void CountPhone(PhoneNumber phone)
    {
        Span<byte> key = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(key, long.Parse(phone.Reveal()));
        Count(_phones, key, SecurityEvent.PhoneLimited);
    }

    /// <summary>Counts a requested code by the key of the identity number.</summary>
    /// <exception cref="RefusedException">The number is at its limit.</exception>
    internal void CountDocument(Guid resident) =>
        Count(_documents, resident.ToByteArray(), SecurityEvent.DocumentLimited);

    /// <summary>Refuses a guess from a source with too many wrong guesses.</summary>
    /// <exception cref="RefusedException">The source is at its limit.</exception>
    internal void CheckGuess(HttpContext context)
    {
        // Require a whole permit: acquiring zero permits would succeed on a fraction of one.
        if (_refusals.GetStatistics(SourceOf(context)) is not { CurrentAvailablePermits: < 1 })
            return;
        _events.Count(SecurityEvent.SourceLimited);
        throw new RefusedException(ErrorCodes.RateLimited);
    }

    /// <summary>Counts a wrong guess by source.</summary>
    internal void CountRefusal(HttpContext context) => _refusals.AttemptAcquire(SourceOf(context)).Dispose();

    /// <summary>The network by which calls are counted: an IPv4 address, or the first 56 bits of IPv6.</summary>
    internal static string NetworkOf(IPAddress? address)
    {
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? address.ToString()
            : Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, Ipv6NetworkBytes));
    }

    public void Dispose()
    {
        _sources.Dispose();
        _waits.Dispose();
        _refusals.Dispose();
        _all.Dispose();
        _allWaits.Dispose();
    }

    private static string SourceOf(HttpContext context) => NetworkOf(context.Connection.RemoteIpAddress);

    private IDisposable? Refuse(SecurityEvent limit)
    {
        _events.Count(limit);
        return null;
    }

    private void Count(HourCounts counts, ReadOnlySpan<byte> key, SecurityEvent limit)
    {
        if (counts.TryCount(key, out var retryAfter))
            return;
        _events.Count(limit);
        throw new RefusedException(
            ErrorCodes.RateLimited,
            retryAfterSeconds: (int)Math.Ceiling(retryAfter.TotalSeconds)
        );
    }

    private static PartitionedRateLimiter<string> Partitioned(Func<string, RateLimitPartition<string>> partition) =>
        PartitionedRateLimiter.Create(partition);

    // A partitioned limiter replenishes its buckets itself.
    private static TokenBucketRateLimiterOptions Bucket(int tokens, int burst, TimeSpan period) =>
        new()
        {
            TokenLimit = tokens * burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = period,
            QueueLimit = 0,
            AutoReplenishment = false,
        };

    private static ConcurrencyLimiterOptions Waiting(int maxCount) => new() { PermitLimit = maxCount, QueueLimit = 0 };

    private sealed class Places(IDisposable own, IDisposable all) : IDisposable
    {
        public void Dispose()
        {
            own.Dispose();
            all.Dispose();
        }
    }
}
