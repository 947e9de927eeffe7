using System.Diagnostics;
using System.Net;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

public sealed class RegistrationTests(GridHost grid) : IClassFixture<GridHost>
{
    private static readonly TimeSpan AnswerAfter = GridHost.SignInAnswerAfter - TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task A_person_is_registered_by_the_code_sent_to_the_phone_and_not_before()
    {
        var person = GridHost.NewPerson();
        var id = await BeginAsync(person);
        var otp = await Notifications.CodeForAsync(id, grid.Data);
        var wrong = otp == "000000" ? "000001" : "000000";
        (await ConfirmAsync(id, wrong)).Refused(401, "sign-in-refused");
        (await ConfirmAsync(Guid.NewGuid(), otp)).Refused(401, "sign-in-refused");

        var made = await ConfirmAsync(id, otp);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Null(made.Headers.Location);
        Assert.Equal(made.Value.ResidentId, (await grid.DisplayAsync(made.Value.Token)).ResidentId);

        // If the answer was lost, a repeat with the same code returns the same resident.
        var again = await ConfirmAsync(id, otp);
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(made.Value.ResidentId, again.Value.ResidentId);
    }

    [Fact]
    public async Task Five_wrong_codes_end_a_registration()
    {
        var id = await BeginAsync(GridHost.NewPerson());
        var otp = await Notifications.CodeForAsync(id, grid.Data);
        for (var i = 0; i < 5; i++)
            (await ConfirmAsync(id, otp == "000000" ? "000001" : "000000")).Refused(401, "sign-in-refused");

        (await ConfirmAsync(id, otp)).Refused(401, "sign-in-refused");
    }

    [Fact]
    public async Task A_registered_person_gets_a_notice_instead_of_a_code()
    {
        var resident = await grid.RegisterAsync();
        var attacker = resident.Person with { Phone = GridHost.NewPerson().Phone };
        var id = await BeginAsync(attacker);

        var notice = await LineAsync(sent => sent.Notice is not null && sent.ResidentId == resident.Id);
        Assert.Equal("already-registered", notice.Notice);
        Assert.Equal(Masked(resident.Person.Phone), notice.To);
        Assert.DoesNotContain(Notifications.Of(grid.Data), sent => sent.RegistrationId == id);
        (await ConfirmAsync(id, "000000")).Refused(401, "sign-in-refused");
        Assert.Equal(HttpStatusCode.OK, (await grid.Client.RegisterAsync(resident.Person)).Status);
    }

    [Fact]
    public async Task The_answer_and_its_time_do_not_reveal_whether_a_person_is_registered()
    {
        var resident = await grid.RegisterAsync();
        var shapes = new List<string>();
        foreach (
            var person in new[]
            {
                resident.Person,
                GridHost.NewPerson(),
                resident.Person with
                {
                    Phone = GridHost.NewPerson().Phone,
                },
            }
        )
        {
            var startedAt = Stopwatch.GetTimestamp();
            var answer = await grid.Client.BeginRegistrationAsync(person);
            Assert.InRange(Stopwatch.GetElapsedTime(startedAt), AnswerAfter, TimeSpan.FromSeconds(10));
            shapes.Add(
                $"{answer.Status} {answer.Text.Length} "
                    + string.Join(',', answer.Headers.Select(header => header.Key).Order())
            );
            startedAt = Stopwatch.GetTimestamp();
            (await ConfirmAsync(answer.Value.RegistrationId, "12345x")).Refused(401, "sign-in-refused");
            Assert.InRange(Stopwatch.GetElapsedTime(startedAt), AnswerAfter, TimeSpan.FromSeconds(10));
        }
        Assert.Single(shapes.Distinct());
    }

    [Fact]
    public async Task A_person_registered_meanwhile_is_not_taken_over()
    {
        var person = GridHost.NewPerson();
        var id = await BeginAsync(person with { Phone = "13700000001" });
        var otp = await Notifications.CodeForAsync(id, grid.Data);
        Assert.Equal(HttpStatusCode.Created, (await grid.Client.RegisterAsync(person)).Status);

        (await ConfirmAsync(id, otp)).Refused(401, "sign-in-refused");
    }

    [Fact]
    public async Task A_number_registered_with_other_particulars_is_a_conflict_that_names_them()
    {
        var resident = await grid.RegisterAsync();
        var other = new
        {
            idNumber = resident.Person.IdNumber,
            name = "李四",
            phone = "13700000002",
            district = "610102",
        };
        var answer = await grid.Client.RegisterAsync(other);

        answer.Refused(409, "resident-exists");
        Assert.Equal(resident.Id, answer.Problem.ResidentId);
        Assert.Equal(["name", "phone"], answer.Problem.Differs!);
        (await grid.CallAsync(HttpMethod.Post, "/v1/residents", null, other)).Refused(401, "token-missing");
    }

    [Fact]
    public async Task An_operator_corrects_a_phone_and_the_former_phone_is_told()
    {
        var resident = await grid.RegisterAsync();
        var corrected = GridHost.NewPerson().Phone;
        (await grid.Client.ChangeAsync(resident.Id, new { phone = corrected })).Refused(400, "field-missing");
        (await grid.Client.ChangeAsync(resident.Id, new { reason = "typo" })).Refused(400, "field-missing");
        (await grid.Client.ChangeAsync(resident.Id, new { name = "\u200B", reason = "typo" })).Refused(
            400,
            "name-invalid"
        );
        var change = new { phone = corrected, reason = "typo" };
        (await grid.CallAsync(HttpMethod.Patch, $"/v1/residents/{resident.Id}", resident.Token, change)).Refused(
            403,
            "role-forbidden"
        );
        (await grid.Client.ChangeAsync(Guid.NewGuid(), change)).Refused(404, "resident-unknown");

        var answer = await grid.Client.ChangeAsync(
            resident.Id,
            new
            {
                phone = corrected,
                name = "李四",
                reason = "typo",
            }
        );
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(["name", "phone"], answer.Value.Changed);
        var notice = await LineAsync(sent => sent.Notice is not null && sent.ResidentId == resident.Id);
        Assert.Equal(("phone-changed", Masked(resident.Person.Phone)), (notice.Notice, notice.To));
        Assert.Equal("李*", (await grid.DisplayAsync(resident)).Name);
        var now = resident.Person with { Phone = corrected, Name = "李四" };
        Assert.Equal(HttpStatusCode.OK, (await grid.Client.RegisterAsync(now)).Status);
    }

    [Fact]
    public async Task A_resident_changes_the_phone_by_a_code_to_the_new_one_and_the_former_is_told()
    {
        var resident = await grid.RegisterAsync();
        var phone = GridHost.NewPerson().Phone;
        (await grid.CallAsync(HttpMethod.Post, "/v1/me/phone", resident.Token, new { phone = "123" })).Refused(
            400,
            "phone-invalid"
        );
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await grid.CallAsync(HttpMethod.Post, "/v1/me/phone", resident.Token, new { phone })).Status
        );
        var otp = (await LineAsync(sent => sent.Code is not null && sent.To == Masked(phone))).Code!;
        (
            await grid.CallAsync(
                HttpMethod.Post,
                "/v1/me/phone/confirm",
                resident.Token,
                new { otp = otp == "000000" ? "000001" : "000000" }
            )
        ).Refused(401, "sign-in-refused");

        Assert.Equal(
            HttpStatusCode.OK,
            (await grid.CallAsync(HttpMethod.Post, "/v1/me/phone/confirm", resident.Token, new { otp })).Status
        );
        var notice = await LineAsync(sent => sent.Notice is not null && sent.ResidentId == resident.Id);
        Assert.Equal(Masked(resident.Person.Phone), notice.To);
        Assert.Equal(
            HttpStatusCode.OK,
            (await grid.Client.RegisterAsync(resident.Person with { Phone = phone })).Status
        );
    }

    private async Task<Guid> BeginAsync(Person person)
    {
        var answer = await grid.Client.BeginRegistrationAsync(person);
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        return answer.Value.RegistrationId;
    }

    private Task<Answer<ConfirmedReply>> ConfirmAsync(Guid id, string otp) =>
        grid.Client.ConfirmRegistrationAsync(id, otp);

    private static string Masked(string phone) => $"{phone[..3]}****{phone[^4..]}";

    private Task<Notification> LineAsync(Func<Notification, bool> isIt) => Notifications.LastAsync(grid.Data, isIt);
}
