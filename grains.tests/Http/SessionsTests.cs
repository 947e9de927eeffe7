using System.Diagnostics;
using System.Net;
using Grid.Clients;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Http;

public sealed class SessionsTests(GridHost grid) : IClassFixture<GridHost>
{
    private static readonly TimeSpan AnswerAfter = GridHost.SignInAnswerAfter - TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task A_phone_signs_in_once_with_the_code_it_was_sent()
    {
        var resident = await grid.RegisterAsync();
        var id = await ChallengedAsync(resident.Person);
        var otp = await CodeForAsync(resident);

        var session = await SignInAsync(id, $" {otp[..3]} {otp[3..]} ");
        Assert.Equal(HttpStatusCode.OK, session.Status);
        Assert.Equal(resident.Id, (await grid.DisplayAsync(session.Value.Token)).ResidentId);

        (await SignInAsync(id, otp)).Refused(401, "sign-in-refused");
    }

    [Fact]
    public async Task Every_challenge_gets_the_same_answer()
    {
        var resident = await grid.RegisterAsync();
        var stranger = GridHost.NewPerson();
        var asked = new[]
        {
            resident.Person,
            stranger,
            resident.Person with
            {
                Phone = stranger.Phone,
            },
            stranger with
            {
                IdNumber = "610102199001010011",
            },
            stranger with
            {
                Phone = "not a phone",
            },
        };
        var shapes = new List<string>();
        foreach (var person in asked)
        {
            var startedAt = Stopwatch.GetTimestamp();
            var answer = await ChallengeAsync(person);
            Assert.InRange(Stopwatch.GetElapsedTime(startedAt), AnswerAfter, TimeSpan.FromSeconds(10));
            shapes.Add(
                $"{answer.Status} {answer.Text.Length} "
                    + $"{string.Join(',', answer.Json.EnumerateObject().Select(each => each.Name))} "
                    + string.Join(',', answer.Headers.Select(header => header.Key).Order())
            );
        }
        Assert.Single(shapes.Distinct());
    }

    [Fact]
    public async Task Five_wrong_codes_make_the_right_one_void()
    {
        var resident = await grid.RegisterAsync();
        var id = await ChallengedAsync(resident.Person);
        var otp = await CodeForAsync(resident);
        var wrong = otp == "000000" ? "000001" : "000000";
        for (var i = 0; i < 5; i++)
            (await SignInAsync(id, wrong)).Refused(401, "sign-in-refused");

        (await SignInAsync(id, otp)).Refused(401, "sign-in-refused");
    }

    [Fact]
    public async Task The_wrong_phone_gets_no_code()
    {
        var resident = await grid.RegisterAsync();
        await ChallengeAsync(resident.Person with { Phone = GridHost.NewPerson().Phone });

        Assert.DoesNotContain(Notifications.Of(grid.Data), sent => sent.IsFor(resident.Id) && sent.Code is not null);
    }

    [Fact]
    public async Task A_notification_masks_the_phone()
    {
        var resident = await grid.RegisterAsync();
        await ChallengeAsync(resident.Person);
        await CodeForAsync(resident);

        var written = string.Join(
            '\n',
            Directory.GetFiles(Path.Combine(grid.Data, "notifications")).Select(File.ReadAllText)
        );
        Assert.DoesNotContain(resident.Person.Phone, written, StringComparison.Ordinal);
        Assert.DoesNotContain(resident.Person.IdNumber, written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guesses_without_the_challenge_id_use_up_none_of_its_attempts()
    {
        var resident = await grid.RegisterAsync();
        var id = await ChallengedAsync(resident.Person);
        var otp = await CodeForAsync(resident);
        var stranger = await ChallengedAsync(GridHost.NewPerson());
        for (var i = 0; i < 6; i++)
        {
            (await SignInAsync(stranger, otp)).Refused(401, "sign-in-refused");
            (await SignInAsync(id[..^1] + (id[^1] == 'A' ? 'B' : 'A'), otp)).Refused(401, "sign-in-refused");
        }
        (await SignInAsync("no challenge", otp)).Refused(401, "sign-in-refused");

        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(id, otp)).Status);
    }

    [Fact]
    public async Task A_missing_field_is_refused()
    {
        (await grid.CallAsync(HttpMethod.Post, "/v1/sessions/challenge", null, new { phone = "13800138000" })).Refused(
            400,
            "field-missing"
        );
        (await grid.CallAsync(HttpMethod.Post, "/v1/sessions", null, new { challengeId = "x" })).Refused(
            400,
            "field-missing"
        );
        (await grid.CallAsync(HttpMethod.Post, "/v1/sessions", null, new { otp = "123456" })).Refused(
            400,
            "field-missing"
        );
    }

    [Fact]
    public async Task A_client_signs_in_with_its_secret_and_gets_its_role()
    {
        var clientId = NewClientId();
        var rights = new { role = "lab", subject = "lab-007" };
        var secret = (await grid.Client.PutClientAsync(clientId, rights)).Value.ClientSecret;

        var session = await grid.Client.ClientTokenAsync(clientId, secret);
        Assert.Equal(HttpStatusCode.OK, session.Status);
        (await LookAsync(session.Value.Token)).Refused(404, "tube-unknown");

        (await grid.Client.ClientTokenAsync(clientId, secret + "x")).Refused(401, "client-refused");
        (await grid.Client.ClientTokenAsync("nobody", secret)).Refused(401, "client-refused");

        // Registering again issues a new secret and voids the old one.
        await grid.Client.PutClientAsync(clientId, rights);
        (await grid.Client.ClientTokenAsync(clientId, secret)).Refused(401, "client-refused");
    }

    [Theory]
    [InlineData("resident")]
    [InlineData("king")]
    public async Task A_client_cannot_have_that_role(string role) =>
        (await grid.Client.PutClientAsync("some-client", new { role })).Refused(400, "role-unknown");

    [Fact]
    public async Task Removing_a_client_revokes_its_tokens()
    {
        var clientId = NewClientId();
        var secret = (await grid.Client.PutClientAsync(clientId, new { role = "lab" })).Value.ClientSecret;
        var token = (await grid.Client.ClientTokenAsync(clientId, secret)).Value.Token;

        Assert.Equal(HttpStatusCode.NoContent, (await grid.Client.DeleteClientAsync(clientId)).Status);
        (await LookAsync(token)).Refused(401, "token-revoked");
        (await grid.Client.ClientTokenAsync(clientId, secret)).Refused(401, "client-refused");
        (await grid.Client.DeleteClientAsync(clientId)).Refused(404, "client-unknown");
    }

    [Fact]
    public async Task Changing_the_rights_of_a_client_revokes_its_tokens()
    {
        var clientId = NewClientId();
        async Task<string> TokenAsync(object rights)
        {
            var secret = (await grid.Client.PutClientAsync(clientId, rights)).Value.ClientSecret;
            return (await grid.Client.ClientTokenAsync(clientId, secret)).Value.Token;
        }

        var first = await TokenAsync(new { role = "lab" });
        await TokenAsync(new { role = "lab" });
        (await LookAsync(first)).Refused(404, "tube-unknown");
        var second = await TokenAsync(new { role = "sampler", subject = "site-9" });
        (await LookAsync(first)).Refused(401, "token-revoked");
        (await LookAsync(second)).Refused(404, "tube-unknown");
    }

    [Fact]
    public async Task The_admin_of_a_removal_or_revocation_is_recorded()
    {
        var clientId = NewClientId();
        await grid.Client.PutClientAsync(clientId, new { role = "lab" }, "city/zhao");
        Assert.Equal(HttpStatusCode.NoContent, (await grid.Client.DeleteClientAsync(clientId, "city/zhao")).Status);

        var client = new GrainState<ClientState>(new ClientState());
        var storage = grid.Services.GetRequiredKeyedService<IGrainStorage>("registry");
        await storage.ReadStateAsync("client", GrainId.Create("client", clientId), client);
        Assert.Equal(("city/zhao", null), (client.State!.ChangedBy, client.State.Registration));
        var revoked = await grid.Services.GetRequiredService<IGrainFactory>().GetGrain<IRevocationsGrain>(0).All();
        Assert.Equal("city/zhao", Assert.Single(revoked, each => each.Subject == clientId).By);
    }

    [Fact]
    public async Task Revoking_the_tokens_of_a_subject_leaves_others_valid()
    {
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        var admin = grid.Token(Role.Admin, "admin-1");
        (
            await grid.CallAsync(HttpMethod.Post, "/v1/tokens/revoke", admin, new { role = "resident", subject = "x" })
        ).Refused(400, "field-invalid");
        var revoked = await grid.CallAsync(
            HttpMethod.Post,
            "/v1/tokens/revoke",
            admin,
            new { role = "resident", subject = one.Id }
        );
        Assert.Equal(HttpStatusCode.NoContent, revoked.Status);

        (await grid.Client.DisplayAsync(one.Token)).Refused(401, "token-revoked");
        Assert.Equal(HttpStatusCode.OK, (await grid.Client.DisplayAsync(two.Token)).Status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/door-1")]
    [InlineData("mall//door")]
    public async Task A_client_has_no_subject_with_an_empty_part(string subject) =>
        (await grid.Client.PutClientAsync("door-1", new { role = "device", subject })).Refused(400, "field-invalid");

    [Fact]
    public async Task Several_spaces_may_precede_a_token()
    {
        var resident = await grid.RegisterAsync();
        var answer = await grid.SendAsync(
            HttpMethod.Get,
            "/v1/me/code",
            null,
            null,
            ("Authorization", $"Bearer  {resident.Token}")
        );
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    private static string NewClientId() => $"lab-{Guid.NewGuid():N}";

    /// <summary>A call that needs a token of a laboratory or a site.</summary>
    private Task<Answer> LookAsync(string token) => grid.CallAsync(HttpMethod.Get, "/v1/tubes/none", token);

    private Task<Answer<ChallengeReply>> ChallengeAsync(Person person) => grid.Client.ChallengeAsync(person);

    private async Task<string> ChallengedAsync(Person person)
    {
        var answer = await ChallengeAsync(person);
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        return answer.Value.ChallengeId;
    }

    private Task<Answer<TokenReply>> SignInAsync(string challengeId, string otp) =>
        grid.Client.SignInAsync(challengeId, otp);

    private Task<string> CodeForAsync(Resident resident) => Notifications.CodeForAsync(resident.Id, grid.Data);
}
