using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>What the grain generator refuses: shapes that a call to another silo could not have, or that no engine could make.</summary>
internal static class GrainDiagnostics
{
    public const string ReturnType = "GRID201";
    public const string GenericMethod = "GRID202";
    public const string ByReference = "GRID203";
    public const string NotAMethod = "GRID204";
    public const string TokenNotLast = "GRID205";
    public const string NoCodec = "GRID206";
    public const string Generic = "GRID207";
    public const string Hidden = "GRID208";
    public const string Constructors = "GRID209";
    public const string StateType = "GRID210";
    public const string BadTimeout = "GRID211";
    public const string SameId = "GRID212";

    private static readonly Dictionary<string, DiagnosticDescriptor> s_descriptors = new[]
    {
        Error(ReturnType, "A grain method must be asynchronous", "'{0}' returns '{1}'; a grain method returns Task, Task<T>, ValueTask or ValueTask<T>"),
        Error(GenericMethod, "A grain method must not be generic", "'{0}' is generic; another silo could not tell its type arguments"),
        Error(ByReference, "A grain method takes values", "The parameter '{1}' of '{0}' is passed by reference"),
        Error(NotAMethod, "A grain interface has methods alone", "'{0}' is not a method"),
        Error(TokenNotLast, "The cancellation token comes last", "'{0}' may have one CancellationToken, as its last parameter"),
        Error(NoCodec, "A type can't be sent", "'{0}' sends a '{1}', which has no codec: mark it [GenerateSerializer]"),
        Error(Generic, "A grain must not be generic", "'{0}' is generic or inside a generic type"),
        Error(Hidden, "A grain can't be reached", "'{0}' is private or protected; generated code could not name it"),
        Error(Constructors, "A grain class has one public constructor", "'{0}' has {1} public constructors"),
        Error(StateType, "[PersistentState] stands on the wrong type", "The parameter '{1}' of '{0}' must be an IPersistentState<T>"),
        Error(BadTimeout, "A time-out can't be read", "'{0}' has the time-out '{1}'; it must be a positive time span such as 00:00:02"),
        Error(SameId, "Two methods have the same id", "'{0}' and '{1}' have the same id: give one of them an [Alias]"),
    }.ToDictionary(descriptor => descriptor.Id);

    public static DiagnosticDescriptor ById(string id) => s_descriptors[id];

    // The descriptors are few and their ids stable; they are listed here instead of in a release file.
#pragma warning disable RS2008
    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "Grid.Engine", DiagnosticSeverity.Error, isEnabledByDefault: true);
#pragma warning restore RS2008
}

/// <summary>A diagnostic of the grain generator as a value.</summary>
internal sealed record GrainDiagnosticModel(string Id, LocationModel? Location, EquatableArray<string> Arguments)
{
    public Diagnostic ToDiagnostic() => Diagnostic.Create(
        GrainDiagnostics.ById(Id), Location?.ToLocation() ?? Microsoft.CodeAnalysis.Location.None, [.. Arguments]);
}
