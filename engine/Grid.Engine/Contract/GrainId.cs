using System.Diagnostics.CodeAnalysis;

namespace Grid.Engine;

/// <summary>The name of a kind of grain, such as "resident".</summary>
public readonly struct GrainType : IEquatable<GrainType>, IComparable<GrainType>
{
    private readonly string? _name;

    private GrainType(string name) => _name = name;

    /// <summary>Whether it names nothing.</summary>
    public bool IsDefault => _name is null;

    /// <summary>The type with this name.</summary>
    public static GrainType Create(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        return new(value);
    }

    /// <inheritdoc/>
    public bool Equals(GrainType other) => string.Equals(_name, other._name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainType other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(GrainType other) => string.CompareOrdinal(_name, other._name);

    /// <inheritdoc/>
    public override string ToString() => _name ?? "";

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(GrainType left, GrainType right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(GrainType left, GrainType right) => !left.Equals(right);
}

/// <summary>
/// The key of a grain. A GUID and its 32 lower-case digits are the same key, as they are in Orleans; the GUID is kept
/// as 16 bytes, so that no text is made for it.
/// </summary>
public readonly struct IdSpan : IEquatable<IdSpan>, IComparable<IdSpan>
{
    private readonly Runtime.GrainKey _key;

    internal IdSpan(in Runtime.GrainKey key) => _key = key;

    internal Runtime.GrainKey Inner => _key;

    /// <summary>The key with this text.</summary>
    public static IdSpan Create(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return new(Runtime.GrainKey.Of(id));
    }

    /// <inheritdoc/>
    public bool Equals(IdSpan other) => _key.Equals(other._key);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is IdSpan other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)_key.Mix();

    /// <inheritdoc/>
    public int CompareTo(IdSpan other) => string.CompareOrdinal(ToString(), other.ToString());

    /// <summary>The text of the key.</summary>
    public override string ToString() => _key.ToString();

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(IdSpan left, IdSpan right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(IdSpan left, IdSpan right) => !left.Equals(right);

    internal bool TryGetGuid(out Guid key)
    {
        key = _key.Guid;
        return _key.IsGuid;
    }
}

/// <summary>The identity of a grain: its type and its key, written "type/key".</summary>
public readonly struct GrainId : IEquatable<GrainId>, IComparable<GrainId>
{
    /// <summary>The grain of a type with a key.</summary>
    public GrainId(GrainType type, IdSpan key)
    {
        Type = type;
        Key = key;
    }

    /// <summary>The kind of grain.</summary>
    public GrainType Type { get; }

    /// <summary>The key among the grains of its type.</summary>
    public IdSpan Key { get; }

    /// <summary>Whether it names nothing.</summary>
    public bool IsDefault => Type.IsDefault;

    /// <summary>The grain of a type with a key.</summary>
    public static GrainId Create(string type, string key) => new(GrainType.Create(type), IdSpan.Create(key));

    /// <summary>The grain of a type with a key.</summary>
    public static GrainId Create(GrainType type, string key) => new(type, IdSpan.Create(key));

    /// <summary>The grain of a type with a key.</summary>
    public static GrainId Create(GrainType type, IdSpan key) => new(type, key);

    /// <summary>Reads "type/key".</summary>
    /// <exception cref="FormatException">There is no slash, or nothing before it.</exception>
    public static GrainId Parse(string value) => TryParse(value, out var id)
        ? id
        : throw new FormatException($"'{value}' is not a grain id: expected type/key.");

    /// <summary>Reads "type/key", or says that it can't.</summary>
    public static bool TryParse(string? value, out GrainId result)
    {
        var slash = value?.IndexOf('/') ?? -1;
        result = slash > 0 ? Create(value![..slash], value[(slash + 1)..]) : default;
        return slash > 0;
    }

    /// <inheritdoc/>
    public bool Equals(GrainId other) => Key.Equals(other.Key) && Type.Equals(other.Type);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Key);

    /// <inheritdoc/>
    public int CompareTo(GrainId other)
    {
        var byType = Type.CompareTo(other.Type);
        return byType != 0 ? byType : Key.CompareTo(other.Key);
    }

    /// <summary>"type/key".</summary>
    public override string ToString() => $"{Type}/{Key}";

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);
}
