namespace Grid.Codec.Values;

/// <summary>
/// A moment, to the tick and with its offset. What people and protocols write are whole seconds or milliseconds, so the
/// coarsest unit that loses nothing is chosen, and counted from 2020: four to six bytes instead of eight.
/// </summary>
public readonly struct DateTimeOffsetCodec : IValueCodec<DateTimeOffset>
{
    private const int UnitBits = 2;
    private const ulong UnitTicks = 0;
    private const ulong UnitMilliseconds = 1;
    private const ulong UnitSeconds = 2;
    private const ulong UnitOffset = 3;
    private const int OffsetMinutesMax = 14 * 60;

    // Ticks fill 62 bits. Counted from the middle of time, they are a number modulo 2^62, and so keep two bits for the unit
    // from the first moment of the year 1 to the last of 9999.
    private const int TickBits = 62;

    private static readonly long s_originTicks = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <inheritdoc/>
    public static WireType Wire => WireType.Time;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(DateTimeOffset value) => value.Ticks == 0 && value.Offset == TimeSpan.Zero;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, DateTimeOffset value)
    {
        var offset = value.Offset;
        if (offset != TimeSpan.Zero)
            writer.WriteVarint((Zigzag(offset.Ticks / TimeSpan.TicksPerMinute) << UnitBits) | UnitOffset);
        var ticks = value.UtcTicks - s_originTicks;
        var milliseconds = Math.DivRem(ticks, TimeSpan.TicksPerMillisecond, out var rest);
        if (rest != 0)
        {
            writer.WriteVarint((Zigzag(Wrap(ticks)) << UnitBits) | UnitTicks);
            return;
        }

        var seconds = Math.DivRem(milliseconds, 1000, out rest);
        writer.WriteVarint(rest != 0
            ? (Zigzag(milliseconds) << UnitBits) | UnitMilliseconds
            : (Zigzag(seconds) << UnitBits) | UnitSeconds);
    }

    /// <inheritdoc/>
    public static DateTimeOffset Read(ref CodecReader reader)
    {
        var word = reader.ReadVarint();
        if ((word & 3) != UnitOffset)
            return new DateTimeOffset(UtcTicks(word), TimeSpan.Zero);

        var minutes = Unzigzag(word >> UnitBits);
        var utcTicks = UtcTicks(reader.ReadVarint());
        if (minutes is 0 or < -OffsetMinutesMax or > OffsetMinutesMax)
            CodecException.OutOfRange("an offset from UTC");
        var localTicks = utcTicks + minutes * TimeSpan.TicksPerMinute;
        if ((ulong)localTicks > (ulong)DateTime.MaxValue.Ticks)
            CodecException.OutOfRange(nameof(DateTimeOffset));
        return new DateTimeOffset(localTicks, TimeSpan.FromMinutes(minutes));
    }

    /// <inheritdoc/>
    public static DateTimeOffset Copy(DateTimeOffset value) => value;

    private static long UtcTicks(ulong word)
    {
        var count = Unzigzag(word >> UnitBits);
        var scale = (word & 3) switch
        {
            UnitTicks => 1,
            UnitMilliseconds => TimeSpan.TicksPerMillisecond,
            UnitSeconds => TimeSpan.TicksPerSecond,
            _ => 0,
        };
        if (scale == 0 || Math.Abs(count) > long.MaxValue / scale)
            CodecException.OutOfRange(nameof(DateTimeOffset));
        var ticks = scale == 1 ? (count + s_originTicks) & ((1L << TickBits) - 1) : count * scale + s_originTicks;
        if ((ulong)ticks > (ulong)DateTime.MaxValue.Ticks)
            CodecException.OutOfRange(nameof(DateTimeOffset));
        return ticks;
    }

    private static long Wrap(long ticks) => ticks << (64 - TickBits) >> (64 - TickBits);

    private static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long Unzigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}

/// <summary>A date and time with its kind, in eight bytes. For a moment, prefer <see cref="DateTimeOffset"/>.</summary>
public readonly struct DateTimeCodec : IValueCodec<DateTime>
{
    private const int KindShift = 62;

    /// <inheritdoc/>
    public static WireType Wire => WireType.Fixed64;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(DateTime value) => value.Ticks == 0 && value.Kind == DateTimeKind.Unspecified;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, DateTime value) =>
        writer.WriteFixed64((ulong)value.Ticks | ((ulong)value.Kind << KindShift));

    /// <inheritdoc/>
    public static DateTime Read(ref CodecReader reader)
    {
        var word = reader.ReadFixed64();
        var kind = (DateTimeKind)(word >> KindShift);
        var ticks = (long)(word & ((1UL << KindShift) - 1));
        if (kind > DateTimeKind.Local || ticks > DateTime.MaxValue.Ticks)
            CodecException.OutOfRange(nameof(DateTime));
        return new DateTime(ticks, kind);
    }

    /// <inheritdoc/>
    public static DateTime Copy(DateTime value) => value;
}

/// <summary>A span of time in ticks, as a zigzag varint.</summary>
public readonly struct TimeSpanCodec : IValueCodec<TimeSpan>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(TimeSpan value) => value == TimeSpan.Zero;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, TimeSpan value) => writer.WriteZigzag(value.Ticks);

    /// <inheritdoc/>
    public static TimeSpan Read(ref CodecReader reader) => new(reader.ReadZigzag());

    /// <inheritdoc/>
    public static TimeSpan Copy(TimeSpan value) => value;
}

/// <summary>A day, counted from 2020-01-01: two bytes for twenty years around it, three for any date of birth.</summary>
public readonly struct DateOnlyCodec : IValueCodec<DateOnly>
{
    private static readonly int s_origin = new DateOnly(2020, 1, 1).DayNumber;

    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(DateOnly value) => value == default;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, DateOnly value) => writer.WriteZigzag(value.DayNumber - s_origin);

    /// <inheritdoc/>
    public static DateOnly Read(ref CodecReader reader)
    {
        var day = (long)reader.ReadZigzag32() + s_origin;
        if (day < 0 || day > DateOnly.MaxValue.DayNumber)
            CodecException.OutOfRange(nameof(DateOnly));
        return DateOnly.FromDayNumber((int)day);
    }

    /// <inheritdoc/>
    public static DateOnly Copy(DateOnly value) => value;
}

/// <summary>A time of day in ticks, as a varint.</summary>
public readonly struct TimeOnlyCodec : IValueCodec<TimeOnly>
{
    /// <inheritdoc/>
    public static WireType Wire => WireType.Varint;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(TimeOnly value) => value == default;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, TimeOnly value) => writer.WriteVarint((ulong)value.Ticks);

    /// <inheritdoc/>
    public static TimeOnly Read(ref CodecReader reader)
    {
        var ticks = reader.ReadVarint();
        if (ticks > (ulong)TimeOnly.MaxValue.Ticks)
            CodecException.OutOfRange(nameof(TimeOnly));
        return new TimeOnly((long)ticks);
    }

    /// <inheritdoc/>
    public static TimeOnly Copy(TimeOnly value) => value;
}
