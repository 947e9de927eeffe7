using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Grid.Tests.Tidy;

/// <summary>Layout rules of the code that a reviewer should not have to repeat.</summary>
public class TidyTests
{
    private const int MaxFileLines = 600;
    private const int MaxColumns = 120;
    private const int MaxMethodLines = 100;
    private const int MaxProgramLines = 40;

    private static readonly string[] Everywhere =
    [
        "grains",
        "hosting",
        "commands",
        "silo",
        "gateway",
        "grains.tests",
        "system.tests",
        "bench",
    ];
    private static readonly string[] Product = ["grains", "hosting", "commands", "silo", "gateway"];

    private static readonly string[] Top =
    [
        .. Everywhere,
        "charts",
        "docs",
        "Grid.sln",
        "README.md",
        "global.json",
        "BannedSymbols.txt",
    ];

    [Fact]
    public void A_file_is_short_enough_to_read() =>
        Holds(
            from file in Code(Everywhere)
            let lines = file.Lines.Length
            where lines > MaxFileLines
            select $"{file} has {lines} lines; {MaxFileLines} are the limit"
        );

    [Fact]
    public void A_line_fits_120_columns() =>
        Holds(
            from file in Code(Everywhere)
            from line in file.Lines.Index()
            where line.Item.Length > MaxColumns
            select $"{file}:{line.Index + 1} has {line.Item.Length} columns; {MaxColumns} are the limit"
        );

    [Fact]
    public void A_method_fits_on_a_screen() =>
        Holds(
            from file in Code(Everywhere)
            from method in file.Syntax.DescendantNodes()
            where method is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
            let span = method.GetLocation().GetLineSpan()
            let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
            where lines > MaxMethodLines
            select $"{file}:{span.StartLinePosition.Line + 1} has a method of {lines} lines; "
                + $"{MaxMethodLines} are the limit"
        );

    [Fact]
    public void The_program_of_a_host_reads_as_a_table_of_contents() =>
        Holds(
            from file in Code("gateway", "silo")
            where file.Path.EndsWith("/Program.cs", StringComparison.Ordinal) && file.Lines.Length > MaxProgramLines
            select $"{file} has {file.Lines.Length} lines; {MaxProgramLines} are the limit"
        );

    [Fact]
    public void No_comment_is_a_to_do() =>
        Holds(
            from file in Everywhere
                .Append("docs")
                .Append("charts")
                .SelectMany(folder =>
                    SourceTree.Files(folder, ".cs", ".md", ".js", ".css", ".html", ".props", ".csproj", ".yaml")
                )
            where !file.Path.StartsWith("grains.tests/Tidy/", StringComparison.Ordinal)
            from line in file.Lines.Index()
            from word in new[] { "TODO", "FIXME", "HACK", "XXX" }
            where Words(line.Item).Contains(word)
            select $"{file}:{line.Index + 1} says {word}"
        );

    [Fact]
    public void Grains_reference_no_host() =>
        Holds(
            from file in Code("grains")
            from name in Names(file)
            from forbidden in new[] { "Grid.Silo", "Grid.Gateway", "Microsoft.AspNetCore" }
            where IsWithin(name.Text, forbidden)
            select $"{file}:{name.Line} names {name.Text}"
        );

    [Fact]
    public void The_silo_does_not_reference_the_gateway() =>
        Holds(
            from file in Code("silo")
            from name in Names(file)
            where IsWithin(name.Text, "Grid.Gateway")
            select $"{file}:{name.Line} names {name.Text}"
        );

    [Fact]
    public void Shared_projects_reference_neither_host() =>
        Holds(
            from file in Code("hosting", "commands")
            from name in Names(file)
            from forbidden in new[] { "Grid.Silo", "Grid.Gateway" }
            where IsWithin(name.Text, forbidden)
            select $"{file}:{name.Line} names {name.Text}"
        );

    [Fact]
    public void The_gateway_names_the_silo_in_one_file() =>
        Assert.Equal(
            ["gateway/Hosting/SiloInProcess.cs"],
            from file in Code("gateway")
            where Names(file).Any(static name => IsWithin(name.Text, "Grid.Silo"))
            select file.Path
        );

    [Fact]
    public void Time_comes_from_a_time_provider()
    {
        string[] clocks =
        [
            "DateTime.Now",
            "DateTime.UtcNow",
            "DateTime.Today",
            "DateTimeOffset.Now",
            "DateTimeOffset.UtcNow",
            "Thread.Sleep",
            "Environment.TickCount",
            "Environment.TickCount64",
            "Stopwatch.StartNew",
            "Stopwatch.GetTimestamp",
        ];
        Holds(
            from file in Code(Product)
            from access in file.Syntax.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
            where
                clocks.Any(clock =>
                    access.ToString() == clock || access.ToString().EndsWith("." + clock, StringComparison.Ordinal)
                )
            select $"{file}:{LineOf(access)} reads {access}"
        );
        Holds(
            from file in Code(Product)
            from call in file.Syntax.DescendantNodes()
            where WaitsWithoutProvider(call)
            select $"{file}:{LineOf(call)} waits by the clock of the machine: {call}"
        );
    }

    [Fact]
    public void A_test_waits_for_a_condition_or_a_fake_clock()
    {
        string[] mayWait =
        [
            "grains.tests/Fixtures/Waiting.cs",
            // Callers pause before a retry, as phones and doors do.
            "system.tests/Cluster/ClusterLoad.cs",
            "system.tests/Failures/",
            // Measures processor time over two seconds.
            "system.tests/Http/ConnectionsTests.cs",
        ];
        Holds(
            from file in Code("grains.tests", "system.tests")
            where !mayWait.Any(allowed => file.Path.StartsWith(allowed, StringComparison.Ordinal))
            from call in file.Syntax.DescendantNodes()
            where
                call is InvocationExpressionSyntax { Expression: var called }
                && (
                    called.ToString() == "Thread.Sleep"
                    || (called.ToString() == "Task.Delay" && WaitsWithoutProvider(call))
                )
            select $"{file}:{LineOf(call)} waits for a time: {call}"
        );
    }

    [Fact]
    public void The_banned_symbols_are_not_suppressed() =>
        Holds(
            from file in Code(Everywhere)
            where !file.Path.StartsWith("grains.tests/Tidy/", StringComparison.Ordinal)
            from line in file.Lines.Index()
            where line.Item.Contains("RS0030", StringComparison.Ordinal)
            select $"{file}:{line.Index + 1} switches the banned symbols off"
        );

    [Fact]
    public void The_root_of_the_repository_has_no_stray_entries()
    {
        // .gitignore lists the entries that a build or a run creates.
        var made = File.ReadAllLines(Path.Combine(SourceTree.Root, ".gitignore"))
            .Select(line => line.Trim('/'))
            .ToArray();
        Holds(
            from path in Directory.EnumerateFileSystemEntries(SourceTree.Root)
            let name = Path.GetFileName(path)
            where !name.StartsWith('.') && !Top.Contains(name) && !made.Contains(name)
            where
                !(
                    name.StartsWith("Directory.", StringComparison.Ordinal)
                    && name.EndsWith(".props", StringComparison.Ordinal)
                )
            select $"{name} has no place at the top"
        );
    }

    [Fact]
    public void A_folder_is_named_by_its_feature() =>
        Holds(
            from file in Code(Everywhere)
            from part in file.Path.Split('/')
            where part is "Utils" or "Util" or "Common" or "Helpers" or "Extensions" or "Misc" or "Shared"
            select $"{file} lies in {part}"
        );

    private static IEnumerable<SourceFile> Code(params string[] folders) =>
        folders.SelectMany(folder => SourceTree.Files(folder, ".cs"));

    /// <summary>The namespaces and qualified types named in a file.</summary>
    private static IEnumerable<(string Text, int Line)> Names(SourceFile file) =>
        from node in file.Syntax.DescendantNodes(node => node is not NameSyntax)
        where node is NameSyntax or MemberAccessExpressionSyntax
        where node.Parent is not BaseNamespaceDeclarationSyntax
        select (node.ToString().Replace("global::", "", StringComparison.Ordinal), LineOf(node));

    private static bool IsWithin(string name, string outer) =>
        name == outer
        || name.StartsWith(outer + ".", StringComparison.Ordinal)
        || name.StartsWith(outer + "<", StringComparison.Ordinal);

    private static bool WaitsWithoutProvider(SyntaxNode node) =>
        node switch
        {
            InvocationExpressionSyntax call when call.Expression.ToString() == "Task.Delay" => !NamesProvider(
                call.ArgumentList
            ),
            ObjectCreationExpressionSyntax { Type: var type } made when type.ToString() is "PeriodicTimer" =>
                !NamesProvider(made.ArgumentList),
            ObjectCreationExpressionSyntax { Type: var type } => type.ToString() is "Timer" or "System.Threading.Timer",
            _ => false,
        };

    private static bool NamesProvider(ArgumentListSyntax? arguments) =>
        arguments is not null
        && arguments.Arguments.Any(argument =>
            argument.ToString().EndsWith("time", StringComparison.OrdinalIgnoreCase)
            || argument.ToString().EndsWith("clock", StringComparison.OrdinalIgnoreCase)
            || argument.ToString().EndsWith("timeProvider", StringComparison.OrdinalIgnoreCase)
        );

    private static IEnumerable<string> Words(string line) =>
        line.Split(
            [' ', '\t', ':', '/', '*', '(', ')', '.', ',', '<', '>', '-', '!', '#'],
            StringSplitOptions.RemoveEmptyEntries
        );

    private static int LineOf(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    private static void Holds(IEnumerable<string> faults)
    {
        var found = faults.ToArray();
        Assert.True(found.Length == 0, string.Join(Environment.NewLine, found));
    }
}
