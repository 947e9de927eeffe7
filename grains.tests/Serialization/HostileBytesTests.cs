using System.Buffers.Binary;
using System.Diagnostics;
using Grid.Residents;
using Grid.Silo.Stores;

namespace Grid.Tests.Serialization;

/// <summary>Corrupt or forged bytes cause one exception, quickly and cheaply.</summary>
public sealed class HostileBytesTests
{
    private const int HeaderBytes = 5;
    private const long MaxBytesAllocated = 1 << 20;

    public static TheoryData<string> Types => StoredType.Names;

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_truncation_is_damaged(string name)
    {
        var type = StoredType.Named(name);
        var bytes = type.Encode();
        for (var length = 0; length < bytes.Length; length++)
            IsDamaged(type, bytes[..length]);
        IsDamaged(type, [.. bytes, 0]);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_changed_byte_is_damaged(string name)
    {
        var type = StoredType.Named(name);
        var bytes = type.Encode();
        for (var index = 0; index < bytes.Length; index++)
        {
            foreach (var flip in new byte[] { 0x01, 0x10, 0x80, 0xFF })
            {
                var changed = bytes.ToArray();
                changed[index] ^= flip;
                IsDamaged(type, changed);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Foreign_bytes_with_a_valid_checksum_are_read_or_damaged_at_little_cost(string name)
    {
        var type = StoredType.Named(name);
        var bytes = type.Encode();
        for (var length = HeaderBytes + 1; length < bytes.Length; length++)
            IsReadOrDamaged(type, Sealed(bytes[..length]));
        for (var index = HeaderBytes; index < bytes.Length; index++)
        {
            foreach (var value in new byte[] { 0x00, 0x01, 0x7F, 0x80, 0xFF, (byte)(bytes[index] ^ 0x10) })
            {
                var changed = bytes.ToArray();
                changed[index] = value;
                IsReadOrDamaged(type, Sealed(changed));
            }
        }
    }

    [Fact]
    public void A_huge_length_allocates_little()
    {
        var type = StoredType.Named("resident");
        var bytes = type.Encode();
        // Replaces each byte by the largest length of the format.
        byte[] huge = [0xF0, 0xFF, 0xFF, 0xFF, 0x7F];
        for (var index = HeaderBytes; index < bytes.Length - huge.Length; index++)
        {
            var changed = bytes.ToArray();
            huge.CopyTo(changed, index);
            IsReadOrDamaged(type, Sealed(changed));
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void Deeply_nested_objects_are_damaged_and_do_not_end_the_process(int levels)
    {
        // Nested objects in field 0, 1 or 5, one byte a level; field 5 is unknown to some states.
        const byte Root = 0b0010_0000;
        var bytes = new byte[HeaderBytes + levels];
        foreach (var tag in new byte[] { Root, Root | 1, Root | 5 })
        {
            Array.Fill(bytes, tag, HeaderBytes, levels);
            (bytes[0], bytes[HeaderBytes]) = (StateBytes.Format, Root);
            foreach (var type in StoredType.All)
                IsDamaged(type, Sealed(bytes));
        }
    }

    [Fact]
    public void Bytes_of_another_format_are_reported_with_its_number()
    {
        var bytes = StoredType.Named("venue").Encode();
        bytes[0] = 7;
        var exception = Assert.Throws<StoreException>(() => StoredType.Named("venue").Read(bytes));
        Assert.Contains("format 7", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_beyond_the_limit_is_neither_written_nor_read()
    {
        var state = new ResidentState { Profile = new byte[StateBytes.MaxBytes] };
        Assert.Equal(StoreErrorCodes.Invalid, Assert.Throws<StoreException>(() => StateBytes.Encode(state)).Code);
        IsDamaged(StoredType.Named("resident"), new byte[StateBytes.MaxBytes + 1]);
    }

    [Fact]
    public void An_error_about_damaged_bytes_quotes_none_of_them()
    {
        var bytes = StoredType.Named("venue").Encode();
        for (var index = HeaderBytes; index < bytes.Length; index++)
        {
            var changed = bytes.ToArray();
            changed[index] ^= 0x40;
            if (Record.Exception(() => StoredType.Named("venue").Read(Sealed(changed))) is { } exception)
                Assert.DoesNotContain("钟楼", exception.ToString(), StringComparison.Ordinal);
        }
    }

    private static byte[] Sealed(byte[] bytes)
    {
        StateBytes.Seal(bytes);
        return bytes;
    }

    private static void IsDamaged(StoredType type, byte[] bytes) =>
        Assert.Equal(StoreErrorCodes.Damaged, Assert.Throws<StoreException>(() => Measured(type, bytes)).Code);

    private static void IsReadOrDamaged(StoredType type, byte[] bytes)
    {
        if (Record.Exception(() => Measured(type, bytes)) is { } exception)
            Assert.Equal(StoreErrorCodes.Damaged, Assert.IsType<StoreException>(exception).Code);
    }

    private static void Measured(StoredType type, byte[] bytes)
    {
        var (before, clock) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
        try
        {
            type.Read(bytes);
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxBytesAllocated);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), "the bytes took too long");
        }
    }
}
