using Grid.Bench.Load.CommandLine;

namespace Grid.Tests.Bench;

public sealed class LoadOptionsTests
{
    [Fact]
    public void Options_are_read_in_both_spellings()
    {
        var options = LoadOptions.Parse([
            "--url",
            "http://localhost:9000",
            "--scenario=scan",
            "--duration",
            "500ms",
            "--rate",
            "1000",
            "--residents=10",
            "--quiet",
        ]);

        Assert.Equal("scan", options.Scenario);
        Assert.Equal(9000, options.Plan.Server.Port);
        Assert.Equal(TimeSpan.FromMilliseconds(500), options.Plan.Duration);
        Assert.Equal(1000, options.Plan.Rate!.At(0));
        Assert.Equal(10, options.Stage.Residents);
        Assert.Equal(256, options.Plan.Connections);
        Assert.True(options.Quiet);
    }

    [Theory]
    [InlineData("--scenario", "walk")]
    [InlineData("--duration", "2h")]
    [InlineData("--duration", "1000000s")]
    [InlineData("--connections", "0")]
    [InlineData("--connections", "many")]
    [InlineData("--threads", "65")]
    [InlineData("--rate", "fast")]
    [InlineData("--zipf", "-1")]
    [InlineData("--max-error-rate", "1.5")]
    [InlineData("--tube-size", "7")]
    [InlineData("--mix", "display=0,scan=0,result=0")]
    [InlineData("--mix", "walk=1")]
    [InlineData("--durration", "1s")]
    [InlineData("--quiet", "yes")]
    [InlineData("stray", "--quiet")]
    [InlineData("--csv", "--json")]
    public void A_wrong_option_is_named(string first, string second)
    {
        var e = Assert.Throws<LoadException>(() => LoadOptions.Parse([first, second]));

        Assert.Contains(first.TrimStart('-'), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_given_twice_is_refused() =>
        Assert.Throws<LoadException>(() => LoadOptions.Parse(["--rate", "1", "--rate", "2"]));

    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://localhost:8080")]
    [InlineData("http://[::1]:8080")]
    public void Load_goes_to_this_machine(string url) => Assert.Equal(8080, Target.Resolve(url, isOwned: false).Port);

    [Theory]
    [InlineData("http://192.0.2.1:8080")]
    [InlineData("http://example.com")]
    public void Load_to_another_host_needs_consent_of_its_owner(string url)
    {
        var e = Assert.Throws<LoadException>(() => Target.Resolve(url, isOwned: false));
        Assert.Contains("--i-own-this-host", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_owner_may_load_another_host() =>
        Assert.Equal(81, Target.Resolve("http://192.0.2.1:81", isOwned: true).Port);

    [Theory]
    [InlineData("https://127.0.0.1")]
    [InlineData("http://127.0.0.1/path")]
    [InlineData("127.0.0.1:8080")]
    public void A_url_beyond_scheme_host_and_port_is_refused(string url) =>
        Assert.Throws<LoadException>(() => Target.Resolve(url, isOwned: true));
}
