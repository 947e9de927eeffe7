namespace Grid.Codec;

/// <summary>The keys of what stands in a message beside its fields; see <see cref="WireType.Part"/>.</summary>
public static class MessageParts
{
    /// <summary>The members of the base class, as a message of their own: base and derived class count ids separately.</summary>
    public const uint BaseKey = (0 << 3) | (uint)WireType.Part;

    /// <summary>
    /// The members in the body of a record whose parameters take their ids from their order: body and parameters count
    /// ids separately, so that a parameter can be added.
    /// </summary>
    public const uint BodyKey = (1 << 3) | (uint)WireType.Part;

    /// <summary>The alias of the derived type, first in the message, where the declared type is a base class.</summary>
    public const uint AliasKey = (2 << 3) | (uint)WireType.Part;
}
