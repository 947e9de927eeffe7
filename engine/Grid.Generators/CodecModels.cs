using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Grid.Generators;

/// <summary>How generated code reaches a member, or sets it in a fresh object.</summary>
internal enum MemberAccess
{
    /// <summary>By its name.</summary>
    Direct,

    /// <summary>By its name in an object initialiser.</summary>
    Initializer,

    /// <summary>As an argument of the constructor.</summary>
    Constructor,

    /// <summary>By an accessor that the runtime fills in, to the field or the field behind the property.</summary>
    FieldAccessor,

    /// <summary>By an accessor that the runtime fills in, to the property's setter or getter.</summary>
    PropertyAccessor,
}

/// <summary>Which id space of a message a member belongs to.</summary>
internal enum MemberPart
{
    /// <summary>The fields of the message.</summary>
    Fields,

    /// <summary>The body of a record whose parameters count separately; <c>MessageParts.BodyKey</c>.</summary>
    Body,
}

/// <summary>A member that is written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id, unique in its part and level.</param>
/// <param name="Level">How many base classes lie between the type and the one that declares the member.</param>
/// <param name="Part">Its id space.</param>
/// <param name="TypeName">The full name of its type.</param>
/// <param name="Declaring">The full name of the type that declares it.</param>
/// <param name="Codec">The codec of the field; of the value in it for a nullable.</param>
internal sealed record MemberModel(
    string Name,
    uint Id,
    int Level,
    MemberPart Part,
    string TypeName,
    string Declaring,
    string Codec,
    Wire Wire,
    Presence Presence)
{
    /// <summary>Whether null is no value of the member, so that an empty one can be left out.</summary>
    public bool EmptyIsMissing { get; init; }

    /// <summary>Whether a missing field leaves what the member's initialiser put there.</summary>
    public bool KeepsInitializer { get; init; }

    /// <summary>Whether a copy takes the value as it is.</summary>
    public bool IsImmutable { get; init; }

    /// <summary>How it is read from an object: <see cref="MemberAccess.Direct"/> or an accessor.</summary>
    public MemberAccess Get { get; init; }

    /// <summary>How it is set in a fresh object.</summary>
    public MemberAccess Set { get; init; }

    /// <summary>The field that a field accessor names.</summary>
    public string FieldName { get; init; } = "";

    public uint Key => (Id << 3) | (uint)Wire;
}

/// <summary>A type that gets a codec.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Codec">The identifier of its codec.</param>
internal sealed record TypeModel(string Name, string Codec)
{
    public bool IsEnum { get; init; }

    /// <summary>For an enum, the full name of its codec.</summary>
    public string EnumCodec { get; init; } = "";

    public bool IsStruct { get; init; }

    public bool IsSealed { get; init; }

    public bool IsAbstract { get; init; }

    public bool IsImmutable { get; init; }

    /// <summary>Whether a value may contain another of its type, so that a copy has to watch the stack.</summary>
    public bool IsRecursive { get; init; }

    /// <summary>The name of a derived type in the bytes.</summary>
    public string? Alias { get; init; }

    /// <summary>Whether its constructor is reached by an accessor.</summary>
    public bool ConstructsByAccessor { get; init; }

    /// <summary>The members, by name, that the constructor takes, in order; empty where it takes none.</summary>
    public EquatableArray<string> ConstructorArguments { get; init; }

    /// <summary>The full names of its base classes that have codecs, the nearest first.</summary>
    public EquatableArray<string> Bases { get; init; }

    public EquatableArray<MemberModel> Members { get; init; }

    public EquatableArray<DiagnosticModel> Diagnostics { get; init; }

    /// <summary>False when a codec would not compile, whatever is in it.</summary>
    public bool HasCodec { get; init; } = true;

    public LocationModel? Location { get; init; }
}

/// <summary>A type of this assembly that may stand where its base class is declared.</summary>
internal sealed record DerivedModel(string Name, string Codec, string Alias);

/// <summary>What a codec is emitted from.</summary>
internal sealed record MessageModel(TypeModel Type, EquatableArray<DerivedModel> Derived);

/// <summary>A diagnostic as a value.</summary>
internal sealed record DiagnosticModel(string Id, LocationModel? Location, EquatableArray<string> Arguments)
{
    public Diagnostic ToDiagnostic() => Diagnostic.Create(
        CodecDiagnostics.ById(Id),
        Location?.ToLocation() ?? Microsoft.CodeAnalysis.Location.None,
        [.. Arguments]);
}

/// <summary>A place in the source as a value.</summary>
internal sealed record LocationModel(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationModel? Of(ISymbol symbol) =>
        symbol.Locations.FirstOrDefault(location => location.IsInSource) is { SourceTree: { } tree } location
            ? new LocationModel(tree.FilePath, location.SourceSpan, location.GetLineSpan().Span)
            : null;

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}
