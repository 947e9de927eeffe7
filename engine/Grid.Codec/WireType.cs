namespace Grid.Codec;

/// <summary>How long a value is, so that a reader can step over a field that it does not know.</summary>
public enum WireType
{
    /// <summary>A base-128 number of up to ten bytes, lowest group first; signed numbers are zigzagged.</summary>
    Varint = 0,

    /// <summary>Eight bytes, little-endian.</summary>
    Fixed64 = 1,

    /// <summary>A varint n and n − 1 bytes; n = 0 is null. Text, bytes, messages, collections.</summary>
    Bytes = 2,

    /// <summary>Sixteen bytes.</summary>
    Fixed128 = 3,

    /// <summary>
    /// A varint whose two low bits say the unit (0 ticks, 1 milliseconds, 2 seconds, 3 the rest is an offset from UTC and
    /// a second varint is the time).
    /// </summary>
    Time = 4,

    /// <summary>Four bytes, little-endian.</summary>
    Fixed32 = 5,

    /// <summary>
    /// As <see cref="Bytes"/>, a part of the message that is no field: 0 the members of the base class, 1 the members in
    /// the body of a record whose parameters have no explicit ids, 2 the alias of a derived type.
    /// </summary>
    Part = 6,
}
