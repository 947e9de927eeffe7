using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>From each type marked <c>[GenerateSerializer]</c> to its codec.</summary>
internal static class CodecPipeline
{
    public static void Register(IncrementalGeneratorInitializationContext context)
    {
        _ = context;
    }
}
