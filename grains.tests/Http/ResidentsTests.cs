using System.Net;
using System.Text;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

public sealed class ResidentsTests(GridHost grid) : IClassFixture<GridHost>
{
    [Fact]
    public async Task The_same_number_again_is_the_same_resident()
    {
        var person = GridHost.NewPerson();
        var first = await grid.Client.RegisterAsync(person);
        var again = await grid.Client.RegisterAsync(person);

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(first.Value.ResidentId, again.Value.ResidentId);
    }

    [Fact]
    public async Task Sixteen_concurrent_registrations_of_one_number_make_one_resident()
    {
        var person = GridHost.NewPerson();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => grid.Client.RegisterAsync(person)));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Single(answers.Select(static answer => answer.Value.ResidentId).Distinct());
    }

    [Theory]
    [InlineData("610102199001010011", "id-number-invalid")] // wrong check character
    [InlineData("990102199001010011", "id-number-invalid")] // unknown region
    [InlineData("610102199002300011", "id-number-invalid")] // 30 February
    [InlineData("610102209901010011", "id-number-invalid")] // born in the future
    [InlineData("61010219900101001", "id-number-invalid")] // too short
    [InlineData("abcdefghijklmnopqr", "id-number-invalid")]
    [InlineData("", "field-missing")]
    public async Task A_bad_number_is_refused(string idNumber, string code) =>
        (await grid.Client.RegisterAsync(GridHost.NewPerson() with { IdNumber = idNumber })).Refused(400, code);

    [Theory]
    [InlineData("12345", "phone-invalid")]
    [InlineData("10800138000", "phone-invalid")]
    [InlineData("", "field-missing")]
    public async Task A_bad_phone_is_refused(string phone, string code) =>
        (await grid.Client.RegisterAsync(GridHost.NewPerson() with { Phone = phone })).Refused(400, code);

    [Theory]
    [InlineData("", "field-missing")]
    [InlineData("\u0007", "name-invalid")]
    [InlineData(
        "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
            + "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一",
        "name-invalid"
    )]
    public async Task A_bad_name_is_refused(string name, string code) =>
        (await grid.Client.RegisterAsync(GridHost.NewPerson() with { Name = name })).Refused(400, code);

    [Fact]
    public async Task A_district_is_a_code_as_text_or_number_or_a_name()
    {
        foreach (var district in new object[] { "610113", 610113, "雁塔区", "Yanta" })
        {
            var person = GridHost.NewPerson();
            var answer = await grid.CallAsync(
                HttpMethod.Post,
                "/v1/residents",
                grid.Staff,
                new
                {
                    idNumber = person.IdNumber,
                    name = person.Name,
                    phone = person.Phone,
                    district,
                    unknown = 1,
                }
            );
            Assert.Equal(HttpStatusCode.Created, answer.Status);
        }
        var nobody = GridHost.NewPerson();
        (
            await grid.CallAsync(
                HttpMethod.Post,
                "/v1/residents",
                grid.Staff,
                new
                {
                    idNumber = nobody.IdNumber,
                    name = nobody.Name,
                    phone = nobody.Phone,
                    district = "999999",
                }
            )
        ).Refused(400, "district-unknown");
    }

    [Fact]
    public async Task A_stream_accepts_every_good_line_and_names_every_bad_one()
    {
        var (one, two, three) = (GridHost.NewPerson(), GridHost.NewPerson(), GridHost.NewPerson());
        var lines = string.Join(
            '\n',
            Line(one),
            "not json",
            "",
            Line(two) + "\r",
            Line(three with { IdNumber = "610102199001010011" }),
            Line(one),
            $$"""{"idNumber":"{{three.IdNumber}}","name":"{{new string('长', 3000)}}"}""",
            "{}",
            Line(three)[..30]
        );

        var answer = await ImportAsync(lines);

        Assert.Equal((2, 1, 0, 5), answer.Counts);
        Assert.Equal(
            [
                (2, "json-invalid"),
                (5, "id-number-invalid"),
                (7, "line-too-long"),
                (8, "field-missing"),
                (9, "line-truncated"),
            ],
            answer.Codes
        );
        Assert.Equal(HttpStatusCode.Created, (await grid.Client.RegisterAsync(three)).Status);
    }

    [Fact]
    public async Task A_stream_lists_the_first_hundred_errors_and_counts_all()
    {
        var answer = await ImportAsync(string.Concat(Enumerable.Repeat("{}\n", 1234)));

        Assert.Equal(1234, answer.Rejected);
        Assert.Equal(Enumerable.Range(1, 100), answer.Errors.Select(static error => error.Line));
    }

    [Fact]
    public async Task A_stream_sent_again_changes_nothing()
    {
        var lines = string.Concat(Enumerable.Range(0, 2000).Select(_ => Line(GridHost.NewPerson()) + "\n"));

        Assert.Equal((2000, 0, 0, 0), (await ImportAsync(lines)).Counts);
        Assert.Equal((0, 2000, 0, 0), (await ImportAsync(lines)).Counts);
    }

    private async Task<ImportReply> ImportAsync(string lines)
    {
        using var content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
        var answer = await grid.SendAsync(
            HttpMethod.Post,
            "/v1/residents/import",
            grid.Token(Role.Operator, "staff-1"),
            content
        );
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.As<ImportReply>().Value;
    }

    private static string Line(Person person) => JsonSerializer.Serialize(person.Registration());
}
