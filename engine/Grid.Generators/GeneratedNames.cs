using System.Text;
using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>How generated code names types, and how generated types are named.</summary>
internal static class GeneratedNames
{
    /// <summary>The namespace of generated codecs.</summary>
    public const string Namespace = "Grid.Codec.Generated";

    private static readonly SymbolDisplayFormat s_format = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    private static readonly SymbolDisplayFormat s_plainFormat = SymbolDisplayFormat.FullyQualifiedFormat
        .WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    /// <summary>The full name of a type.</summary>
    public static string Of(ITypeSymbol type) => type.ToDisplayString(s_format);

    /// <summary>The full name of a type's generated codec.</summary>
    public static string Codec(INamedTypeSymbol type) => $"global::{Namespace}.{CodecIdentifier(type)}";

    /// <summary>The name of a type's generated codec: its full name as one identifier, different for different types.</summary>
    public static string CodecIdentifier(INamedTypeSymbol type)
    {
        var name = new StringBuilder();
        foreach (var character in type.ToDisplayString(s_plainFormat))
        {
            if (character == '_')
                name.Append("__");
            else
                name.Append(char.IsLetterOrDigit(character) ? character : '_');
        }

        return name.Append("_Codec").ToString();
    }
}
