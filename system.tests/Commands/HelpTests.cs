using Grid.Tests.Fixtures;

namespace Grid.Tests.Commands;

/// <summary>The text of <c>--help</c> for a first-time user.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("--help", "demo|import|export|token|keys|--urls|--Grid:Data")]
    [InlineData("help", "demo|import|export|token|keys")]
    [InlineData("demo --help", "--residents|[default: 100000]|--seed|--serve|[default: true]|gateway demo")]
    [InlineData("import --help", "FILE|--format|--charset|gb18030|gateway import registry.csv")]
    [InlineData("export -h", "FILE|gateway export")]
    [InlineData("token --help", "--role|resident|--subject|standard input|--hours|[default: 12]|token=$(gateway token")]
    [InlineData("keys --help", "rotate|revoke|list|gateway")]
    [InlineData("keys rotate --help", "--purpose|display-token|--after|[default: 00:00:15]|gateway keys rotate")]
    [InlineData("keys revoke --help", "--purpose|--id|gateway keys revoke")]
    public async Task A_gateway_explains_each_command(string line, string expected) =>
        Explains(await GatewayCommand.RunAsync(line.Split(' ')), expected);

    [Theory]
    [InlineData("--help", "migrate|backup|restore|verify|--urls|--Grid:Data")]
    [InlineData("migrate --help", "schemas|silo migrate")]
    [InlineData("backup --help", "--to|silo backup")]
    [InlineData("restore --help", "--from|silo restore")]
    [InlineData("verify --help", "--from|the store of the data folder|silo verify")]
    public async Task A_silo_explains_each_command(string line, string expected) =>
        Explains(await SiloCommand.RunAsync(line.Split(' ')), expected);

    private static void Explains(CommandEnd end, string expected)
    {
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.All(expected.Split('|'), word => Assert.Contains(word, end.Output, StringComparison.Ordinal));
    }
}
