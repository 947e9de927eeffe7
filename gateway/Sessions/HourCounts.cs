using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Grid.Gateway.Sessions;

/// <summary>
/// Counts keys within an hour in fixed memory (a count-min sketch) and stores no key. Callers can make up keys: a
/// limiter per key would hold 300 bytes for an hour, half a gigabyte at 500 a second. It never undercounts; it
/// overcounts only near a million keys an hour.
/// </summary>
internal sealed class HourCounts
{
    private const int Rows = 4;
    private const int Width = 1 << 19;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(16);
    private readonly int[] _counts = new int[Rows * Width];
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly int _maxCount;
    private DateTimeOffset _endsAt;

    internal HourCounts(int maxCount, TimeProvider time) => (_maxCount, _time) = (maxCount, time);

    /// <summary>Counts a key. False when the key is at its limit; then <paramref name="retryAfter"/> is set.</summary>
    internal bool TryCount(ReadOnlySpan<byte> key, out TimeSpan retryAfter)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_salt, key, hash);
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (now >= _endsAt)
            {
                Array.Clear(_counts);
                _endsAt = now + Hour;
            }
            retryAfter = _endsAt - now;
            var least = int.MaxValue;
            for (var row = 0; row < Rows; row++)
                least = Math.Min(least, _counts[Place(hash, row)]);
            if (least >= _maxCount)
                return false;
            // Raise only the lowest counters (conservative update): it reduces overcounting of keys that share a
            // counter.
            for (var row = 0; row < Rows; row++)
                _counts[Place(hash, row)] = Math.Max(_counts[Place(hash, row)], least + 1);
            return true;
        }
    }

    private static int Place(ReadOnlySpan<byte> hash, int row) =>
        row * Width + (int)(BinaryPrimitives.ReadUInt32LittleEndian(hash[(row * sizeof(uint))..]) % Width);
}
