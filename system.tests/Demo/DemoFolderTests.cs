using Grid.Commands.Demo;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Demo;

/// <summary>The command as a process: its effect on a folder, and its output.</summary>
public sealed class DemoFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_interrupted_load_resumes_and_a_finished_one_is_kept()
    {
        var first = await DemoAsync("--residents", "500");
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Equal("", first.Output);
        Assert.Contains(" rows written, 0 were there", first.Error);

        // As if the process had been killed at the last row.
        var folder = new DemoFolder(_folder.Path);
        var done = folder.Read()!;
        folder.Write(done with { Complete = false });
        var second = await DemoAsync();
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Contains("0 rows written, ", second.Error);
        Assert.Equal(done, folder.Read());

        var third = await DemoAsync();
        Assert.True(third.ExitCode == 0, third.Error);
        Assert.DoesNotContain("rows written", third.Error);
    }

    [Fact]
    public async Task A_folder_has_one_city()
    {
        Assert.Equal(0, (await DemoAsync("--residents", "20")).ExitCode);
        var import = await GatewayCommand.RunAsync("import", "-", "--Grid:Data", _folder.Path);
        Assert.Equal(1, import.ExitCode);
        Assert.Contains("has a demo city", import.Error);
        var other = await DemoAsync("--residents", "21");
        Assert.Equal(1, other.ExitCode);
        Assert.Single(other.Error.TrimEnd().Split('\n'));
        Assert.Contains("20 residents", other.Error);
    }

    [Fact]
    public async Task Real_residents_are_never_mixed_with_synthetic_ones()
    {
        var file = Path.Combine(_folder.Path, "registry.ndjson");
        await File.WriteAllTextAsync(
            file,
            """{"idNumber":"11010519491231002X","name":"张三","phone":"13800000000","district":"610113"}""" + "\n"
        );
        Assert.Equal(0, (await GatewayCommand.RunAsync("import", file, "--Grid:Data", _folder.Path)).ExitCode);
        var demo = await DemoAsync("--residents", "20");
        Assert.Equal(1, demo.ExitCode);
        Assert.Contains("residents outside the demo", demo.Error);
        Assert.Null(new DemoFolder(_folder.Path).Read());
    }

    [Fact]
    public void An_unreadable_note_does_not_count_as_an_empty_folder()
    {
        var folder = new DemoFolder(_folder.Path);
        Assert.Null(folder.Read());
        File.WriteAllText(Path.Combine(_folder.Path, "demo", "city.json"), "{\"residents\":");
        Assert.Throws<IOException>(folder.Read);
    }

    [Theory]
    [InlineData("--residents", "0")]
    [InlineData("--residents", "many")]
    [InlineData("--serve", "no")]
    [InlineData("--people", "5")]
    public async Task A_wrong_option_is_named(string option, string value)
    {
        var end = await GatewayCommand.RunAsync("demo", option, value, "--Grid:Data", _folder.Path);
        Assert.Equal(2, end.ExitCode);
        Assert.Contains(option, end.Error);
    }

    private Task<CommandEnd> DemoAsync(params string[] options) =>
        GatewayCommand.RunAsync(["demo", "--serve", "false", "--Grid:Data", _folder.Path, .. options]);
}
