using System.Net;
using System.Text;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

public sealed class TubeImportTests(GridHost grid) : IClassFixture<GridHost>
{
    private readonly string _sampler = grid.Token(Role.Sampler, "site-1");

    [Fact]
    public async Task Tubes_are_imported_line_by_line_and_a_repeat_is_harmless()
    {
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        var (full, partly, over) = (NewTubeId(), NewTubeId(), NewTubeId());
        object Of(params Guid[] residents) =>
            residents.Select(id => new { residentId = id, collectedAt = Minutes(-30) });
        var lines = string.Join(
            '\n',
            JsonSerializer.Serialize(
                new
                {
                    tubeId = full,
                    capacity = 10,
                    siteId = "site-1",
                    samples = Of(one.Id, two.Id),
                }
            ),
            JsonSerializer.Serialize(
                new
                {
                    tubeId = partly,
                    capacity = 10,
                    siteId = "site-1",
                    samples = Of(Guid.NewGuid(), two.Id),
                }
            ),
            JsonSerializer.Serialize(
                new
                {
                    tubeId = over,
                    capacity = 1,
                    siteId = "site-1",
                    samples = Of(one.Id, two.Id),
                }
            ),
            "nonsense",
            """{"tubeId":"cut"""
        );

        for (var round = 0; round < 2; round++)
        {
            var answer = await ImportAsync(lines);
            Assert.Equal(round == 0 ? (1, 0) : (0, 1), (answer.Accepted, answer.Duplicates));
            Assert.Equal(
                [(2, "resident-unknown"), (3, "tube-full"), (4, "json-invalid"), (5, "line-truncated")],
                answer.Codes
            );
        }
        Assert.Equal(("sealed", 2), ((await TubeOfAsync(full)).State, (await TubeOfAsync(full)).Count));
        (await grid.Client.TubeAsync(partly)).Refused(404, "tube-unknown");
        (await grid.Client.TubeAsync(over)).Refused(404, "tube-unknown");
    }

    [Fact]
    public async Task A_refused_line_names_its_bad_samples()
    {
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        object[] unknown = [Sample(Guid.NewGuid()), Sample(one.Id), Sample(Guid.NewGuid())];
        object[] unreadable =
        [
            Sample(one.Id),
            new { residentId = two.Id },
            new
            {
                residentId = two.Id,
                idNumber = "1",
                collectedAt = Minutes(-30),
            },
        ];
        var lines = string.Join(
            '\n',
            Line(unknown),
            Line(unreadable),
            Line([Sample(one.Id)]).Replace("site-1", "site-2", StringComparison.Ordinal),
            Line([new { residentId = one.Id, collectedAt = "2022-01-04T09:00:00" }])
        );

        var answer = await ImportAsync(lines);

        Assert.Equal(
            [
                (1, "resident-unknown", "samples[0] resident-unknown, samples[2] resident-unknown"),
                (2, "field-missing", "samples[1] field-missing, samples[2] field-invalid"),
                (3, "site-forbidden", "A sampler acts on the tubes of its own site only."),
                (
                    4,
                    "field-invalid",
                    "The field 'samples[0].collectedAt' is a time in RFC 3339 with a zone, "
                        + "such as 2026-01-04T09:00:00Z."
                ),
            ],
            answer.Errors.Select(static error => (error.Line, error.Code, error.Detail))
        );

        string Line(object[] samples) =>
            JsonSerializer.Serialize(
                new
                {
                    tubeId = NewTubeId(),
                    capacity = 5,
                    siteId = "site-1",
                    samples,
                }
            );
        object Sample(Guid id) => new { residentId = id, collectedAt = Minutes(-30) };
    }

    private static DateTimeOffset Minutes(double fromNow) =>
        DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().AddMinutes(fromNow).ToUnixTimeSeconds());

    private static string NewTubeId() => $"T-{Guid.NewGuid():N}";

    private async Task<TubeReply> TubeOfAsync(string tubeId) => (await grid.Client.TubeAsync(tubeId)).Value;

    private async Task<ImportReply> ImportAsync(string lines)
    {
        using var content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
        var answer = await grid.SendAsync(HttpMethod.Post, "/v1/tubes/import", _sampler, content);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.As<ImportReply>().Value;
    }
}
