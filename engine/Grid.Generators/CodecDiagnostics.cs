using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>What the codec generator refuses. Everything is an error: a member that is not written is data that is lost.</summary>
internal static class CodecDiagnostics
{
    public const string MissingId = "GRID101";
    public const string DuplicateId = "GRID102";
    public const string UnsupportedType = "GRID103";
    public const string NoConstructor = "GRID104";
    public const string GenericType = "GRID105";
    public const string HiddenType = "GRID106";
    public const string UnmarkedBase = "GRID107";
    public const string MissingAlias = "GRID108";
    public const string IdTooLarge = "GRID109";
    public const string MixedParameterIds = "GRID110";
    public const string ParameterWithoutMember = "GRID111";

    private static readonly Dictionary<string, DiagnosticDescriptor> s_descriptors = new[]
    {
        Error(MissingId, "A member has no id", "'{0}' of '{1}' is not written: give it an [Id], or mark its field [NonSerialized]"),
        Error(DuplicateId, "An id is used twice", "'{0}' of '{1}' has the id {2}, which another member has"),
        Error(UnsupportedType, "A member has no codec", "'{0}' of '{1}' is of type '{2}', which has no codec"),
        Error(NoConstructor, "A type cannot be made", "'{0}' has neither a parameterless constructor nor one whose parameters are members"),
        Error(GenericType, "A generic type has no codec", "'{0}' is generic or inside a generic type; a codec needs a closed type"),
        Error(HiddenType, "A type cannot be reached", "'{0}' is private or protected; its codec could not name it"),
        Error(UnmarkedBase, "A base class has no codec", "'{0}' derives from '{1}', which has members but no [GenerateSerializer] in this assembly"),
        Error(MissingAlias, "A derived type has no alias of its own", "'{0}' derives from '{1}' and needs an [Alias] that no other derived type has"),
        Error(IdTooLarge, "An id is too large", "'{0}' of '{1}' has the id {2}; the largest is 536870911"),
        Error(MixedParameterIds, "Some parameters have ids", "'{0}' gives an [Id] to some of its parameters; give it to all or to none"),
        Error(ParameterWithoutMember, "A parameter is no member", "The parameter '{0}' of '{1}' has no member of its name that is written"),
    }.ToDictionary(descriptor => descriptor.Id);

    public static DiagnosticDescriptor ById(string id) => s_descriptors[id];

    // The descriptors are few and their ids stable; they are listed here instead of in a release file.
#pragma warning disable RS2008
    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "Grid.Codec", DiagnosticSeverity.Error, isEnabledByDefault: true);
#pragma warning restore RS2008
}
