using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>
/// The attributes of the grain contract, found by name, so that the same generator serves both engines: those of
/// <c>Grid.Engine</c>, and those of Orleans, which stand in two namespaces.
/// </summary>
internal static class ContractNames
{
    public const string GenerateSerializerOfGrid = "Grid.Engine.GenerateSerializerAttribute";
    public const string GenerateSerializerOfOrleans = "Orleans.GenerateSerializerAttribute";

    public static bool IsGenerateSerializer(AttributeData attribute) => Is(attribute, "GenerateSerializerAttribute");

    public static bool IsId(AttributeData attribute) => Is(attribute, "IdAttribute");

    public static bool IsAlias(AttributeData attribute) => Is(attribute, "AliasAttribute");

    public static bool IsImmutable(AttributeData attribute) => Is(attribute, "ImmutableAttribute");

    /// <summary>Whether the attribute is the one of this name in the contract of either engine.</summary>
    public static bool Is(AttributeData attribute, string name) =>
        attribute.AttributeClass is { } type && type.Name == name && IsContractNamespace(type.ContainingNamespace);

    public static bool HasGenerateSerializer(ITypeSymbol type) => type.GetAttributes().Any(IsGenerateSerializer);

    private static bool IsContractNamespace(INamespaceSymbol space) => space switch
    {
        { Name: "Orleans", ContainingNamespace.IsGlobalNamespace: true } => true,
        { Name: "Concurrency", ContainingNamespace: { Name: "Orleans", ContainingNamespace.IsGlobalNamespace: true } } => true,
        { Name: "Engine", ContainingNamespace: { Name: "Grid", ContainingNamespace.IsGlobalNamespace: true } } => true,
        _ => false,
    };
}
