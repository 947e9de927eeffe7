using System.Net;
using System.Text;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

/// <summary>Text typed by staff may name a person: no file of the store holds it in plain text.</summary>
public sealed class SealedReasonTests
{
    private const string Reason = "打错了：赵敏 13912345678";

    [Fact]
    public async Task Every_call_stores_its_reason_sealed()
    {
        var grid = new GridHost();
        await grid.StartAsync();
        try
        {
            await ChangeAsync(grid);
            await WithdrawAsync(grid);
            await ResolveAsync(grid);
            await grid.StopAsync();

            var files = Directory.GetFiles(Path.Combine(grid.Data, "store"), "*", SearchOption.AllDirectories);
            Assert.NotEmpty(files);
            foreach (var file in files)
            {
                var bytes = await File.ReadAllBytesAsync(file);
                Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes("赵敏")) < 0, file);
                Assert.True(bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes("赵敏")) < 0, file);
                Assert.True(bytes.AsSpan().IndexOf("13912345678"u8) < 0, file);
            }
        }
        finally
        {
            await grid.DisposeAsync();
        }
    }

    private static async Task ChangeAsync(GridHost grid)
    {
        var resident = await grid.RegisterAsync();
        var answer = await grid.Client.ChangeAsync(resident.Id, new { phone = "13700000009", reason = Reason });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    private static async Task WithdrawAsync(GridHost grid)
    {
        var (tubeId, resident) = await FillAsync(grid);
        var answer = await grid.CallAsync(
            HttpMethod.Delete,
            $"/v1/tubes/{tubeId}/samples/{resident.Id}",
            grid.Token(Role.Sampler, "site-1"),
            new { reason = Reason }
        );
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    private static async Task ResolveAsync(GridHost grid)
    {
        var (tubeId, _) = await FillAsync(grid);
        var testedAt = TimeProvider.System.GetUtcNow();
        foreach (var laboratory in new[] { "lab-a", "lab-b" })
            await grid.Client.ResultAsync(tubeId, 1, "negative", testedAt, laboratory);
        var conflict = Assert.Single((await grid.Client.ConflictsAsync()).Value.Conflicts);
        foreach (var reason in new[] { Reason, "again" })
        {
            var decided = await grid.Client.ResolveAsync(conflict.ConflictId, "first", reason);
            Assert.Equal(Reason, decided.Value.Decision!.Reason);
        }
    }

    private static async Task<(string TubeId, Resident Resident)> FillAsync(GridHost grid)
    {
        var (tubeId, resident) = ($"T-{Guid.NewGuid():N}", await grid.RegisterAsync());
        await grid.Client.OpenTubeAsync(tubeId, 1);
        var added = await grid.Client.AddSampleAsync(tubeId, resident.Id, TimeProvider.System.GetUtcNow().AddHours(-1));
        Assert.Equal(HttpStatusCode.OK, added.Status);
        return (tubeId, resident);
    }
}
