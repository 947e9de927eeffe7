using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>
/// What the compiler runs: each pipeline registers itself and shares nothing with the others but <see cref="TypeCodecs"/>.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class GridGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        CodecPipeline.Register(context);
        GrainPipeline.Register(context);
    }
}
