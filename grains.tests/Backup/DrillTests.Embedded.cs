using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Silo.Stores.Archive;
using Grid.Tests.Crash;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Backup;

/// <summary>A drill as an operator would hold it: backup while people call, loss of the machine, restore, and a look at what is there.</summary>
public sealed class DrillTests : IDisposable
{
    private const string Step = "00:00:00.200";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private AccessTokens _minter = null!;

    private string Data => Path.Combine(_folder.Path, "data");

    private string Archive => Path.Combine(_folder.Path, "archive");

    private string Backup => Path.Combine(_folder.Path, "backup");

    [Fact]
    public async Task A_killed_grid_comes_back_to_the_last_step_and_to_any_moment_before()
    {
        string first, second, third;
        DateTimeOffset between;
        using (var grid = await GridProcess.Start(Data, "--Grid:Store:Archive", Archive, "--Grid:Store:ArchivePeriod", Step))
        {
            _minter = new AccessTokens(KeyRing.Open(Data, TimeProvider.System), TimeProvider.System);
            first = await Tell(grid, "T-1", "110101199003070011");
            await Succeed("backup", "--to", Backup, "--Grid:Data", Data);
            await Succeed("verify", "--from", Backup);
            second = await Tell(grid, "T-2", "110101199003070038");
            between = TimeProvider.System.GetUtcNow();
            await Archived(between);
            third = await Tell(grid, "T-3", "110101199003070054");
            await Archived(TimeProvider.System.GetUtcNow());
            grid.Kill();
        }

        // The machine is gone: the archive and the backup are what is left.
        Directory.Delete(Data, recursive: true);
        Assert.Equal((true, true, true), await Restored("latest", null, first, second, third));
        // The second was answered before; the end of its step may be a step later.
        var moment = (between + TimeSpan.Parse(Step)).ToString("O");
        Assert.Equal((true, true, false), await Restored("between", moment, first, second, third));
    }

    [Fact]
    public async Task A_moment_without_its_offset_and_a_missing_option_are_refused_in_one_line()
    {
        foreach (var arguments in new string[][]
                 {
                     ["backup"], ["restore"], ["restore", "--from", _folder.Path], ["restore", "--from", Backup, "--to", "2026-01-04 09:00"],
                     ["verify", "--from", Backup], ["verify", "--Grid:Data", Data],
                 })
        {
            var end = await SiloCommand.RunAsync(arguments);
            Assert.Equal(1, end.ExitCode);
            Assert.Single(end.Error.Trim().Split('\n'));
            Assert.Equal("", end.Output);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static async Task Succeed(params string[] arguments)
    {
        var end = await SiloCommand.RunAsync(arguments);
        Assert.True(end.ExitCode == 0, $"{arguments[0]}: {end.Error}");
    }

    /// <summary>Somebody is registered, sampled and found negative; all of it answered.</summary>
    private async Task<string> Tell(GridProcess grid, string tube, string idNumber)
    {
        var registered = await Send(grid, HttpMethod.Post, "/v1/residents", null, new { idNumber, name = "测试", phone = "13900000000", district = "610113" });
        var resident = registered.GetProperty("residentId").GetString()!;
        var sampler = _minter.Mint(Role.Sampler, "site-1", TimeSpan.FromHours(1)).Token;
        var lab = _minter.Mint(Role.Lab, "lab-1", TimeSpan.FromHours(1)).Token;
        var now = TimeProvider.System.GetUtcNow();
        await Send(grid, HttpMethod.Post, "/v1/tubes", sampler, new { tubeId = tube, capacity = 10, siteId = "site-1" });
        await Send(grid, HttpMethod.Post, $"/v1/tubes/{tube}/samples", sampler, new { residentId = resident, collectedAt = now });
        await Send(grid, HttpMethod.Post, $"/v1/tubes/{tube}/seal", sampler, new { });
        await Send(grid, HttpMethod.Post, "/v1/results", lab, new { tubeId = tube, sequence = 1, method = "rt-pcr", result = "negative", testedAt = now });
        return resident;
    }

    // The archive is a step behind; a drill waits for it, a disaster does not.
    private async Task Archived(DateTimeOffset moment)
    {
        using var limit = new CancellationTokenSource(s_patience);
        while (Directory.GetDirectories(Archive, "grid-*").Any(folder => new ArchiveSegments(folder).CompleteUntil() <= moment))
        {
            Assert.False(limit.IsCancellationRequested, $"The archive did not come to {moment:O}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    private async Task<(bool First, bool Second, bool Third)> Restored(
        string name, string? moment, string first, string second, string third)
    {
        var data = Path.Combine(_folder.Path, name);
        string[] to = moment is null ? [] : ["--to", moment];
        await Succeed(["restore", "--from", Backup, "--archive", Archive, .. to, "--Grid:Data", data]);
        await Succeed("verify", "--Grid:Data", data);
        using var grid = await GridProcess.Start(data);
        return (await IsNegative(grid, first), await IsNegative(grid, second), await IsNegative(grid, third));
    }

    private async Task<bool> IsNegative(GridProcess grid, string resident)
    {
        var phone = _minter.Mint(Role.Resident, resident, TimeSpan.FromHours(1)).Token;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/me/code");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", phone);
        using var answer = await grid.Http.SendAsync(request);
        var display = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return answer.StatusCode == HttpStatusCode.OK && display.TryGetProperty("test", out var test)
            && test.TryGetProperty("result", out var result) && result.GetString() == "negative";
    }

    private static async Task<JsonElement> Send(GridProcess grid, HttpMethod method, string path, string? token, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await grid.Http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
