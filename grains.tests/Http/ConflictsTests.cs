using System.Net;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

public sealed class ConflictsTests(GridHost grid) : IClassFixture<GridHost>
{
    private const string Operator = "office/li";
    private readonly DateTimeOffset _testedAt = TimeProvider.System.GetUtcNow().AddMinutes(-10);

    [Fact]
    public async Task A_correction_by_another_laboratory_waits_for_an_operator()
    {
        var (resident, tubeId) = await SingleAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await ReportAsync("lab-a/wu", tubeId, 1, "positive")).Status);

        (await ReportAsync("lab-b", tubeId, 2, "negative", correctionOf: 1)).Refused(409, "result-conflict");

        Assert.Equal("red", await ColourAsync(resident));
        var conflict = await ConflictOfAsync(tubeId);
        Assert.Equal("laboratory", conflict.Kind);
        Assert.Equal(
            ("lab-a", "lab-a/wu", "positive"),
            (conflict.First!.LabId, conflict.First.ReportedBy, conflict.First.Result)
        );
        Assert.Equal(("lab-b", "negative"), (conflict.Second.LabId, conflict.Second.Result));

        var resolved = await ResolveAsync(conflict, "first", "the tube went to lab-a");
        Assert.Equal(HttpStatusCode.OK, resolved.Status);
        Assert.Equal(("first", "office/li"), (resolved.Value.Decision!.Keep, resolved.Value.Decision.By));
        Assert.Equal("red", await ColourAsync(resident));
        Assert.Null(await FindAsync(tubeId));
        (await ReportAsync("lab-b", tubeId, 2, "negative", correctionOf: 1)).Refused(409, "result-conflict");
        Assert.Null(await FindAsync(tubeId));
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await ReportAsync("lab-a", tubeId, 2, "negative", correctionOf: 1)).Status
        );
        Assert.Equal("green", await ColourAsync(resident));
    }

    [Fact]
    public async Task The_second_result_of_a_key_counts_once_an_operator_keeps_it()
    {
        var (resident, tubeId) = await SingleAsync();
        await ReportAsync("lab-a", tubeId, 1, "negative");
        (await ReportAsync("lab-a", tubeId, 1, "positive")).Refused(409, "result-conflict");
        Assert.Equal("green", await ColourAsync(resident));

        var conflict = await ConflictOfAsync(tubeId);
        Assert.Equal("key", conflict.Kind);
        Assert.Equal(HttpStatusCode.OK, (await ResolveAsync(conflict, "second", "read again")).Status);

        Assert.Equal("red", await ColourAsync(resident));
        Assert.Equal(HttpStatusCode.OK, (await ResolveAsync(conflict, "second", "read again")).Status);
        (await ResolveAsync(conflict, "first", "no")).Refused(409, "conflict-decided");
        Assert.Equal("red", await ColourAsync(resident));
    }

    [Fact]
    public async Task Results_for_a_tube_not_yet_open_do_not_keep_its_laboratory_out()
    {
        var (resident, tubeId) = (await grid.RegisterAsync(), $"T-{Guid.NewGuid():N}");
        for (var sequence = 1; sequence <= 8; sequence++)
            Assert.Equal(HttpStatusCode.Accepted, (await ReportAsync("lab-b", tubeId, sequence, "negative")).Status);
        (await ReportAsync("lab-b", tubeId, 9, "negative")).Refused(409, "held-too-many");
        (await ReportAsync("lab-a", tubeId, 1, "positive")).Refused(409, "result-conflict");

        await FillAsync(tubeId, resident);
        Assert.Equal("sampled", (await grid.DisplayAsync(resident)).Test.State);
        Assert.Equal(
            HttpStatusCode.OK,
            (await ResolveAsync(await ConflictOfAsync(tubeId), "second", "the tube is lab-a's")).Status
        );

        Assert.Equal("red", await ColourAsync(resident));
        Assert.Equal(HttpStatusCode.Accepted, (await ReportAsync("lab-a", tubeId, 2, "positive")).Status);
    }

    [Fact]
    public async Task A_decision_names_a_conflict_and_says_why()
    {
        var (_, tubeId) = await SingleAsync();
        await ReportAsync("lab-a", tubeId, 1, "negative");
        await ReportAsync("lab-b", tubeId, 1, "positive");
        var conflict = await ConflictOfAsync(tubeId);

        (await ResolveAsync(conflict, "both", "x")).Refused(400, "field-invalid");
        (await ResolveAsync(conflict, "first", " ")).Refused(400, "field-missing");
        foreach (
            var id in new[]
            {
                "x",
                $"{Guid.NewGuid():N}-{tubeId}",
                $"{Guid.NewGuid():N}-",
                $"{Guid.NewGuid():N}-T-none",
            }
        )
        {
            (await grid.Client.ResolveAsync(id, "first", "x", Operator)).Refused(404, "conflict-unknown");
        }
        (await grid.CallAsync(HttpMethod.Get, "/v1/conflicts?limit=0", grid.Token(Role.Operator, Operator))).Refused(
            400,
            "field-invalid"
        );
        Assert.NotNull(await FindAsync(tubeId));
    }

    private async Task<(Resident Resident, string TubeId)> SingleAsync()
    {
        var (resident, tubeId) = (await grid.RegisterAsync(), $"T-{Guid.NewGuid():N}");
        await FillAsync(tubeId, resident);
        return (resident, tubeId);
    }

    private async Task FillAsync(string tubeId, Resident resident)
    {
        var collectedAt = TimeProvider.System.GetUtcNow().AddHours(-1);
        Assert.Equal(HttpStatusCode.Created, (await grid.Client.OpenTubeAsync(tubeId, 1)).Status);
        Assert.Equal(HttpStatusCode.OK, (await grid.Client.AddSampleAsync(tubeId, resident.Id, collectedAt)).Status);
    }

    private Task<Answer<ReceiptReply>> ReportAsync(
        string laboratory,
        string tubeId,
        int sequence,
        string result,
        int? correctionOf = null
    ) => grid.Client.ResultAsync(tubeId, sequence, result, _testedAt, laboratory, correctionOf);

    private async Task<string> ColourAsync(Resident resident) => (await grid.DisplayAsync(resident)).Colour;

    private async Task<ConflictReply> ConflictOfAsync(string tubeId)
    {
        var found = await FindAsync(tubeId);
        Assert.NotNull(found);
        return found;
    }

    private async Task<ConflictReply?> FindAsync(string tubeId) =>
        (await grid.Client.ConflictsAsync(Operator)).Value.Conflicts.SingleOrDefault(each => each.TubeId == tubeId);

    private Task<Answer<ConflictReply>> ResolveAsync(ConflictReply conflict, string keep, string reason) =>
        grid.Client.ResolveAsync(conflict.ConflictId, keep, reason, Operator);
}
