using System.Collections.Immutable;
using Grid.Codec;
using Grid.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Grid.Tests.Codec;

public class GeneratorTests
{
    private const string ModelsStep = "CodecModels";

    private static readonly CSharpParseOptions s_options = new(LanguageVersion.CSharp13);

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Append(typeof(CodecWriter).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    [Theory]
    [InlineData("GRID101", "class A { public int B { get; set; } }")]
    [InlineData("GRID101", "class A { private int _b; }")]
    [InlineData("GRID102", "class A { [Id(1)] public int B { get; set; } [Id(1)] public int C { get; set; } }")]
    [InlineData("GRID103", "class A { [Id(0)] public object? B { get; set; } }")]
    [InlineData("GRID103", "class A { [Id(0)] public System.Collections.Generic.List<System.Uri> B { get; set; } = []; }")]
    [InlineData("GRID103", "record A(System.Action B);")]
    [InlineData("GRID104", "class A { public A(int other) { } [Id(0)] public int B { get; set; } }")]
    [InlineData("GRID105", "class A<T> { [Id(0)] public T? B { get; set; } }")]
    [InlineData("GRID107", "class A : Bare { [Id(0)] public int B { get; set; } }")]
    [InlineData("GRID108", "abstract class A { } [GenerateSerializer] sealed class B : A { }")]
    [InlineData("GRID108", "abstract class A { } [GenerateSerializer, Alias(\"x\")] sealed class B : A { } [GenerateSerializer, Alias(\"x\")] sealed class C : A { }")]
    [InlineData("GRID109", "class A { [Id(536870912)] public int B { get; set; } }")]
    [InlineData("GRID110", "record A([property: Id(0)] int B, int C);")]
    public void A_type_that_would_lose_data_stops_the_build(string expected, string source)
    {
        var compilation = Source("[GenerateSerializer] " + source);
        Driver().RunGeneratorsAndUpdateCompilation(compilation, out var output, out var diagnostics);

        Assert.Equal([expected], diagnostics.Select(diagnostic => diagnostic.Id));
        Assert.Empty(Errors(output));
    }

    [Fact]
    public void A_private_type_stops_the_build() => Assert.Equal(
        ["GRID106"],
        Driver().RunGenerators(Source("class Outer { [GenerateSerializer] private class A { } }")).GetRunResult()
            .Diagnostics.Select(diagnostic => diagnostic.Id));

    [Theory]
    [InlineData("class A { [Id(0)] public int B { get; set; } public int Twice => B * 2; public static int C; public const int D = 1; }")]
    [InlineData("class A { [field: NonSerialized] public int B { get; set; } [NonSerialized] private int _c; }")]
    [InlineData("record A([Id(0)] int B, [Id(1)] string C);")]
    [InlineData("record struct A(int @class, string @namespace) { [Id(0)] public int @int { get; init; } }")]
    [InlineData("struct A { [Id(0)] private readonly int _b; public A(int b) => _b = b; }")]
    [InlineData("class A { public A(int b, string c) { B = b; C = c; } [Id(0)] public int B { get; } [Id(1)] public string C { get; } }")]
    [InlineData("class A { private A() { } [Id(0)] public int B { get; init; } [Id(1)] protected string? C { get; set; } }")]
    [InlineData("class A { [Id(0)] public required string B { get; init; } = \"x\"; [Id(1)] public required int C; }")]
    [InlineData("enum A { B }")]
    [InlineData("class A { public enum C { D } [Id(0)] public C B { get; set; } [GenerateSerializer] public class E { } [Id(1)] public E[]? F { get; set; } }")]
    [InlineData("class A { [Id(0)] public (int X, System.Collections.Generic.Dictionary<string, A?[]> Y)? B { get; set; } }")]
    [InlineData("abstract class A { [Id(0)] public int B { get; private set; } } [GenerateSerializer, Alias(\"c\\\"\\n\")] class C : A { [Id(0)] public int B2 { get; set; } }")]
    public void A_type_of_this_shape_gets_a_codec_that_compiles(string source)
    {
        var compilation = Source("[GenerateSerializer] " + source);
        Driver().RunGeneratorsAndUpdateCompilation(compilation, out var output, out var diagnostics);

        Assert.Empty(diagnostics);
        Assert.Empty(Errors(output));
        Assert.True(output.SyntaxTrees.Count() > compilation.SyntaxTrees.Length);
    }

    [Fact]
    public void An_edit_elsewhere_generates_nothing_anew()
    {
        var marked = CSharpSyntaxTree.ParseText("[Grid.Engine.GenerateSerializer] class A { [Grid.Engine.Id(0)] public int B { get; set; } }", s_options);
        var other = CSharpSyntaxTree.ParseText("class Other { }", s_options);
        var compilation = Source("").AddSyntaxTrees(marked, other);
        var driver = Driver().RunGenerators(compilation);
        var edited = compilation.ReplaceSyntaxTree(other, CSharpSyntaxTree.ParseText("class Other { int _more; }", s_options));
        driver = driver.RunGenerators(edited);
        Assert.All(Reasons(driver), reason => Assert.Contains(reason, new[] { IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged }));

        var changed = edited.ReplaceSyntaxTree(
            marked,
            CSharpSyntaxTree.ParseText("[Grid.Engine.GenerateSerializer] class A { [Grid.Engine.Id(1)] public int B { get; set; } }", s_options));
        driver = driver.RunGenerators(changed);
        Assert.Contains(IncrementalStepRunReason.Modified, Reasons(driver));
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorDriver driver)
    {
        var result = driver.GetRunResult().Results.Single();
        return result.TrackedSteps[ModelsStep]
            .Concat(result.TrackedOutputSteps.SelectMany(step => step.Value))
            .SelectMany(step => step.Outputs)
            .Select(output => output.Reason);
    }

    private static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new GridGenerator().AsSourceGenerator()],
        parseOptions: s_options,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    private static IEnumerable<Diagnostic> Errors(Compilation compilation) =>
        compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    private static CSharpCompilation Source(string source) => CSharpCompilation.Create(
        "Sample",
        [
            CSharpSyntaxTree.ParseText($"using System; using Grid.Engine;\n{source}\nclass Bare {{ public int X; }}", s_options),
            CSharpSyntaxTree.ParseText(
                """
                namespace Grid.Engine
                {
                    class GenerateSerializerAttribute : System.Attribute;
                    [System.AttributeUsage(System.AttributeTargets.All)] class IdAttribute(uint id) : System.Attribute { public uint Id => id; }
                    class AliasAttribute(string alias) : System.Attribute { public string Alias => alias; }
                }
                """,
                s_options),
        ],
        s_references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
}
