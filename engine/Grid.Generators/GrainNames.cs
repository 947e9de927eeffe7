using System.Text;
using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>The contract's types, and how generated grain code is named.</summary>
internal static class GrainNames
{
    /// <summary>The namespace of generated proxies and activators.</summary>
    public const string Namespace = "Grid.Engine.Generated";

    public const string Runtime = "global::Grid.Engine.Runtime.";

    private const string Contract = "Grid.Engine";

    /// <summary>Whether the type is the contract's type of this name.</summary>
    public static bool Is(ITypeSymbol? type, string name) =>
        type is { ContainingType: null } && type.Name == name && type.ContainingNamespace.ToDisplayString() == Contract;

    /// <summary>Whether the type is an interface that names grains, and not one of the markers itself.</summary>
    public static bool IsGrainInterface(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Interface
        && type.AllInterfaces.Any(static parent => Is(parent, "IGrainWithGuidKey") || Is(parent, "IGrainWithStringKey"));

    /// <summary>A full name as one identifier, different for different types.</summary>
    public static string Identifier(INamedTypeSymbol type)
    {
        var name = new StringBuilder();
        foreach (var character in GeneratedNames.Of(type).Replace("global::", ""))
            name.Append(character == '_' ? "__" : char.IsLetterOrDigit(character) ? character.ToString() : "_");
        return name.ToString();
    }
}
