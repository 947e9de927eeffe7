using System.Collections.Immutable;
using Grid.Codec;
using Grid.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Grid.Tests.Engine;

public sealed class GrainGeneratorTests
{
    private static readonly CSharpParseOptions s_options = new(LanguageVersion.CSharp13);

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Append(typeof(CodecWriter).Assembly.Location)
            .Append(typeof(Grain).Assembly.Location)
            .Append(typeof(Microsoft.Extensions.DependencyInjection.FromKeyedServicesAttribute).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    [Theory]
    [InlineData("GRID201", "int A();")]
    [InlineData("GRID201", "void A();")]
    [InlineData("GRID202", "Task A<T>();")]
    [InlineData("GRID203", "Task A(ref int b);")]
    [InlineData("GRID203", "Task A(out int b);")]
    [InlineData("GRID204", "int A { get; }")]
    [InlineData("GRID205", "Task A(CancellationToken b, int c);")]
    [InlineData("GRID206", "Task A(object b);")]
    [InlineData("GRID206", "Task<System.Uri[]> A();")]
    [InlineData("GRID211", "[ResponseTimeout(\"soon\")] Task A();")]
    [InlineData("GRID212", "[Alias(\"x\")] Task A(); [Alias(\"x\")] Task B();")]
    public void A_method_that_no_silo_could_be_asked_for_stops_the_build(string expected, string method) =>
        Assert.Equal([expected], Diagnose($"public interface IG : IGrainWithGuidKey {{ {method} }}"));

    [Theory]
    [InlineData("GRID207", "public interface IH<T> : IGrainWithGuidKey { Task A(); }")]
    [InlineData("GRID208", "class Outer { private interface IH : IGrainWithGuidKey { Task A(); } }")]
    [InlineData("GRID209", "public interface IH : IGrainWithGuidKey { } public class H : Grain, IH { public H() { } public H(int a) { } }")]
    [InlineData("GRID210", "public interface IH : IGrainWithGuidKey { } public class H([PersistentState(\"a\")] string b) : Grain, IH { }")]
    public void A_grain_that_no_engine_could_make_stops_the_build(string expected, string source) =>
        Assert.Equal([expected], Diagnose(source));

    [Theory]
    [InlineData("Task A();")]
    [InlineData("ValueTask A(CancellationToken token);")]
    [InlineData("Task<int> A(int @class, string b = \"x\"); Task<int> A(string b);")]
    [InlineData("ValueTask<(int, List<string>?)> A(int? b, Dictionary<string, byte[]> c, CancellationToken token = default);")]
    [InlineData("Task<List<int>> A([Immutable] List<int> b); static int Twice(int a) => 2 * a;")]
    public void An_interface_of_this_shape_gets_a_proxy_that_compiles(string methods)
    {
        var output = Run(Source($"public interface IG : IGrainWithStringKey, IMore {{ {methods} }} public interface IMore : IGrainWithStringKey {{ Task More(); }}"), "Embedded");
        Assert.Empty(Errors(output.Compilation));
        Assert.Empty(output.Diagnostics);
    }

    [Fact]
    public void A_grain_class_gets_an_activator_for_whatever_its_constructor_asks_for()
    {
        const string Code = """
            public interface IG : IGrainWithGuidKey { Task A(); }
            [GenerateSerializer] public record Made(int B);
            [GenerateSerializer] public class Plain { }
            [GrainType("g\"rain"), StatelessWorker(3), KeepAlive]
            public partial class G(
                [PersistentState("a", "b")] IPersistentState<Made> made,
                [PersistentState("c")] IPersistentState<Plain> plain,
                [PersistentState("d")] IPersistentState<int> number,
                IGrainContext context,
                TimeProvider time,
                [Microsoft.Extensions.DependencyInjection.FromKeyedServices("key")] Version version,
                Version? other = null) : Grain, IG
            {
                public Task A() => Task.CompletedTask;
            }
            public partial class G : IG;
            """;
        var output = Run(Source(Code), "Embedded");
        Assert.Empty(Errors(output.Compilation));
        Assert.Empty(output.Diagnostics);
    }

    [Fact]
    public void Nothing_is_generated_for_grains_when_Orleans_does_it()
    {
        const string Code = "public interface IG : IGrainWithGuidKey { int A(); } public class G : Grain, IG { public int A() => 1; }";
        var compilation = Source(Code);
        Assert.Equal(compilation.SyntaxTrees.Length, Run(compilation, "Orleans").Compilation.SyntaxTrees.Count());
    }

    private static IEnumerable<string> Diagnose(string source) =>
        Run(Source(source), "Embedded").Diagnostics.Select(diagnostic => diagnostic.Id);

    private static (Compilation Compilation, ImmutableArray<Diagnostic> Diagnostics) Run(CSharpCompilation compilation, string engine)
    {
        var driver = CSharpGeneratorDriver.Create(
            [new GridGenerator().AsSourceGenerator()], parseOptions: s_options, optionsProvider: new Options(engine));
        driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out var diagnostics);
        return (output, diagnostics);
    }

    private static IEnumerable<Diagnostic> Errors(Compilation compilation) =>
        compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    private static CSharpCompilation Source(string source) => CSharpCompilation.Create(
        "Sample",
        [
            CSharpSyntaxTree.ParseText(
                "using System; using System.Collections.Generic; using System.Threading; using System.Threading.Tasks; using Grid.Engine; " + source,
                s_options),
        ],
        s_references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    private sealed class Options(string engine) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(engine);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Values(string engine) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value)
            {
                value = key == "build_property.GridEngine" ? engine : null;
                return value is not null;
            }
        }
    }
}
