using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grid.Commands.Demo;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Residents;
using Grid.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;
using Person = Grid.Commands.Demo.Person;

namespace Grid.Tests.Pages;

/// <summary>The page as a resident sees it: a phone-sized browser on the whole product.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ResidentPageTests(DemoGrid grid, Browser browser)
{
    private const string Display = "**/v1/me/code";
    private const long BeyondValidityMs = 75_000;
    private const float LongestPauseMs = 60_000;

    // A busy machine refuses a call for a second.

    // More than the service sends to one phone in an hour.
    private const int MaxChallenges = 50;

    [ChromiumFact]
    public async Task A_resident_signs_in_with_a_one_time_code_and_sees_the_code_in_both_languages()
    {
        int green = grid.Showcase.Green!.Value;
        var person = grid.City.Resident(green);
        var page = await OpenAsync("zh-CN");
        await page.FillAsync("#id-number", person.IdNumber.Reveal());
        await page.FillAsync("#phone", person.Phone.Reveal());
        await page.ClickAsync("#ask button");
        await Expect(page.Locator("#otp")).ToBeVisibleAsync();
        await page.FillAsync("#otp", await Notifications.CodeForAsync(grid.States.KeyOf(green), grid.Data));
        var shown = page.WaitForResponseAsync(Display);
        await page.ClickAsync("#enter button");

        await Expect(page.Locator("#colour")).ToHaveTextAsync("绿码");
        await Expect(page.Locator("#name")).ToHaveTextAsync(MaskedName.Of(person.Name));
        await Expect(page.Locator("#facts")).ToContainTextAsync("阴性");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "zh-CN");
        await AssertSymbolIsOf(page, GridJson.Read<DisplayReply>(await (await shown).TextAsync()).Token!);

        await page.ClickAsync("#language");
        await Expect(page.Locator("#colour")).ToHaveTextAsync("Green");
        await Expect(page.Locator("#facts")).ToContainTextAsync("Negative");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        Assert.True(
            await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 360"),
            "wider than a phone"
        );
    }

    [ChromiumFact]
    public async Task Every_colour_is_said_in_words_with_its_reason()
    {
        var page = await SignInAsync("en-GB", grid.Showcase.Yellow!.Value);
        await Expect(page.Locator("#colour")).ToHaveTextAsync("Yellow");
        await Expect(page.Locator("#causes")).ToContainTextAsync("Pooled sample");
        await page.ClickAsync("#sign-out");
        await PasteAsync(page, grid.TokenOf(grid.Showcase.Red!.Value));
        await Expect(page.Locator("#colour")).ToHaveTextAsync("Red");
        await Expect(page.Locator("#causes")).ToContainTextAsync("Positive test");
    }

    [ChromiumFact]
    public async Task Offline_the_last_code_is_shown_as_old_and_its_symbol_disappears_when_it_expires()
    {
        var page = await SignInAsync("en-GB", grid.Showcase.Green!.Value);
        await Expect(page.Locator("#symbol svg")).ToBeVisibleAsync();
        await page.RouteAsync(Display, route => route.AbortAsync());
        await page.EvaluateAsync("dispatchEvent(new Event('online'))");
        await Expect(page.Locator("#state")).ToContainTextAsync("Service out of reach");
        await Expect(page.Locator("#colour")).ToHaveTextAsync("Green");
        await Expect(page.Locator("#symbol svg")).ToBeVisibleAsync();

        await page.Clock.FastForwardAsync(BeyondValidityMs);
        await Expect(page.Locator("#colour")).ToHaveTextAsync("Last seen: Green");
        await Expect(page.Locator("#card")).ToHaveClassAsync("stale offline");
        await Expect(page.Locator("#symbol svg")).ToHaveCountAsync(0);
        string stopped = await page.InnerTextAsync("#time");
        await page.Clock.FastForwardAsync(5_000);
        Assert.Equal(stopped, await page.InnerTextAsync("#time"));

        await page.UnrouteAsync(Display);
        await page.Clock.FastForwardAsync(BeyondValidityMs);
        // An attempt in flight at the clock jump fails after it, and the next attempt has the longest pause.
        await Expect(page.Locator("#colour")).ToHaveTextAsync("Green", new() { Timeout = LongestPauseMs });
        await Expect(page.Locator("#symbol svg")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task An_invalid_token_is_forgotten_and_leads_back_to_the_sign_in()
    {
        var page = await OpenAsync("en-GB");
        await PasteAsync(page, "not-a-token");
        await Expect(page.Locator("#message")).ToContainTextAsync("signed out");
        await Expect(page.Locator("#sign-in")).ToBeVisibleAsync();
        Assert.Equal(0, await page.EvaluateAsync<int>("sessionStorage.length"));
    }

    [ChromiumFact]
    public async Task A_wrong_one_time_code_is_refused_in_words()
    {
        int resident = grid.Showcase.Green!.Value + 1;
        var page = await OpenAsync("en-GB");
        await AskAsync(page, grid.City.Resident(resident));
        string sent = await Notifications.CodeForAsync(grid.States.KeyOf(resident), grid.Data);
        await page.FillAsync("#otp", sent == "000000" ? "000001" : "000000");
        await page.ClickAsync("#enter button");
        await Expect(page.Locator("#otp-wrong")).ToContainTextAsync("wrong or too old");
        await Expect(page.Locator("#otp")).ToBeFocusedAsync();
        await page.ClickAsync("#language");
        await Expect(page.Locator("#otp-wrong")).ToContainTextAsync("验证码错误或已失效");
    }

    [ChromiumFact]
    public async Task A_number_from_a_phone_book_and_a_code_with_a_blank_sign_in_also_after_a_reload()
    {
        int resident = grid.Showcase.Green!.Value + 2;
        var person = grid.City.Resident(resident);
        var page = await OpenAsync("en-GB");
        string phone = person.Phone.Reveal(),
            number = person.IdNumber.Reveal();
        await page.FillAsync(
            "#id-number",
            $"\u202a{number[..6]} {number[6..14]} {number[14..].ToLowerInvariant()}\u202c"
        );
        await page.FillAsync("#phone", $"+86 {phone[..3]}-{phone[3..7]}-{phone[7..]}\u200e");
        await page.ClickAsync("#ask button");
        await Expect(page.Locator("#otp")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("#otp")).ToBeVisibleAsync();
        string sent = await Notifications.CodeForAsync(grid.States.KeyOf(resident), grid.Data);
        await page.FillAsync("#otp", $" {sent[..3]} {sent[3..]}");
        await page.ClickAsync("#enter button");
        await Expect(page.Locator("#name")).ToHaveTextAsync(MaskedName.Of(person.Name));
    }

    [ChromiumFact]
    public async Task A_newcomer_registers_in_two_steps_and_sees_a_code()
    {
        var number = IdNumber.Create(110105, new DateOnly(1931, 1, 2), 77);
        var page = await OpenAsync("zh-CN");
        var registration = await RegisterAsync(page, number, "+86 199-0000-0077");
        await Expect(page.Locator("#sent")).ToContainTextAsync("通知会发到登记的手机");
        string sent = await Notifications.CodeForAsync(registration, grid.Data);
        await page.FillAsync("#otp", sent == "000000" ? "000001" : "000000");
        await page.ClickAsync("#confirm");
        await Expect(page.Locator("#otp-wrong")).ToContainTextAsync("验证码错误或已失效");
        await page.FillAsync("#otp", $"{sent[..3]} {sent[3..]}");
        await page.ClickAsync("#confirm");
        await Expect(page.Locator("#name")).ToHaveTextAsync("张*");
        await Expect(page.Locator("#colour")).ToHaveTextAsync("绿码");
        await Expect(page.Locator("#symbol svg")).ToBeVisibleAsync();

        // Another phone with the same number: the page learns nothing, and the code stays with the first phone.
        await page.ClickAsync("#sign-out");
        await RegisterAsync(page, number, "199 0000 0078");
        await Expect(page.Locator("#sent")).ToContainTextAsync("通知会发到登记的手机");
        await page.FillAsync("#otp", sent);
        await page.ClickAsync("#confirm");
        await Expect(page.Locator("#otp-wrong")).ToContainTextAsync("验证码错误或已失效");
    }

    [ChromiumFact]
    public async Task Too_many_attempts_are_named_with_the_time_to_wait()
    {
        var person = grid.City.Resident(grid.Showcase.Green!.Value + 3);
        var challenge = new { idNumber = person.IdNumber.Reveal(), phone = person.Phone.Reveal() };
        var status = HttpStatusCode.Accepted;
        for (int asked = 0; asked < MaxChallenges && status == HttpStatusCode.Accepted; asked++)
            status = (await grid.CallAsync(HttpMethod.Post, "/v1/sessions/challenge", null, challenge)).Status;
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        var page = await OpenAsync("en-GB");
        await page.FillAsync("#id-number", challenge.idNumber);
        await page.FillAsync("#phone", challenge.phone);
        await page.ClickAsync("#ask button");
        await Expect(page.Locator("#message"))
            .ToContainTextAsync(new Regex(@"Too many attempts\. Please try again in \d+ (s|min|h)\."));
        await Expect(page.Locator("#otp")).Not.ToBeVisibleAsync();
    }

    private static async Task<Guid> RegisterAsync(IPage page, IdNumber number, string phone)
    {
        if (!await page.Locator("#full-name").IsVisibleAsync())
            await page.ClickAsync("#register");
        await page.FillAsync("#id-number", $"{number.Reveal()}\u200b");
        await page.FillAsync("#full-name", "\u200e张三 ");
        await page.FillAsync("#phone", phone);
        await page.SelectOptionAsync("#district", "610113");
        var answer = await page.RunAndWaitForResponseAsync(() => page.ClickAsync("#ask button"), "**/v1/registrations");
        await Expect(page.Locator("#otp")).ToBeVisibleAsync();
        return GridJson.Read<RegistrationReply>(await answer.TextAsync()).RegistrationId;
    }

    [ChromiumFact]
    public async Task What_is_wrong_with_an_input_is_said_beside_it_and_nothing_is_sent()
    {
        var page = await OpenAsync("en-GB");
        var calls = new List<string>();
        page.Request += (_, request) => calls.Add(request.Url);
        await page.FillAsync("#id-number", "110105194912310021");
        await page.FillAsync("#phone", "1380013800");
        await page.ClickAsync("#ask button");
        await Expect(page.Locator("#id-number-wrong")).ToContainTextAsync("does not fit the others");
        await Expect(page.Locator("#phone-wrong")).ToContainTextAsync("11 digits. This one has 10.");
        await Expect(page.Locator("#id-number")).ToBeFocusedAsync();
        await Expect(page.Locator("#id-number")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.Locator("#otp")).Not.ToBeVisibleAsync();
        await page.ClickAsync("#language");
        await Expect(page.Locator("#id-number-wrong")).ToContainTextAsync("校验位不符");
        await Expect(page.Locator("#phone-wrong")).ToContainTextAsync("现为 10 位");

        await page.ClickAsync("#register");
        await page.ClickAsync("#ask button");
        await Expect(page.Locator("#full-name-wrong")).ToHaveTextAsync("请填写");
        await Expect(page.Locator("#district-wrong")).ToHaveTextAsync("请填写");
        Assert.Empty(calls);
    }

    [ChromiumFact]
    public async Task The_chosen_language_survives_a_reload()
    {
        var page = await OpenAsync("zh-CN");
        await page.ClickAsync("#language");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Health Code");
        await page.ReloadAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Health Code");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
    }

    [ChromiumFact]
    public async Task Text_that_is_no_token_is_reported_and_signs_nobody_out()
    {
        var page = await OpenAsync("en-GB");
        await PasteAsync(page, "令牌");
        await Expect(page.Locator("#token-wrong")).ToContainTextAsync("not a token");
        await Expect(page.Locator("#message")).Not.ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task A_cause_says_how_it_ends_and_whether_it_can_be_appealed_only_as_the_service_says()
    {
        var page = await OpenAsync("en-GB");
        string cause = """{ "how": "single-retest", "expectedBy": "2099-01-04T04:00:00Z" }""";
        string contest = """{ "how": null, "appealable": false }""";
        string? until = null;
        await page.RouteAsync(Display, async route =>
        {
            var real = await route.FetchAsync();
            var display = JsonNode.Parse(await real.TextAsync())!;
            var first = display["causes"]![0]!;
            first["release"] = JsonNode.Parse(cause);
            first["contest"] = JsonNode.Parse(contest);
            first["until"] = until;
            await route.FulfillAsync(new() { Response = real, Body = display.ToJsonString() });
        });
        await PasteAsync(page, grid.TokenOf(grid.Showcase.Yellow!.Value));
        await Expect(page.Locator("#causes"))
            .ToContainTextAsync("awaiting single retest · expected by 4 Jan 2099, 12:00");
        await Expect(page.Locator("#causes")).Not.ToContainTextAsync("appeal");

        (cause, contest) = ("null", """{ "how": "appeal", "appealable": true }""");
        await page.EvaluateAsync("dispatchEvent(new Event('online'))");
        await Expect(page.Locator("#causes")).ToContainTextAsync("can be appealed");
        await Expect(page.Locator("#causes")).Not.ToContainTextAsync("retest");

        until = "2022-01-04T00:00:00Z";
        await page.EvaluateAsync("dispatchEvent(new Event('online'))");
        await Expect(page.Locator("#causes")).Not.ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task A_negative_retest_takes_the_hold_off_the_page()
    {
        // Not the showcase's pool: other tests need that one held.
        var pool = grid.City.Tubes().First(static tube => tube is { Finding: Finding.Positive, Capacity: > 1 });
        int resident = pool.Members.First(each => each != grid.Showcase.Yellow);
        var page = await SignInAsync("en-GB", resident);
        await Expect(page.Locator("#causes")).ToContainTextAsync("awaiting single retest · expected by");
        await Expect(page.Locator("#causes")).Not.ToContainTextAsync("appeal");

        var now = TimeProvider.System.GetUtcNow();
        var (site, laboratory) = (grid.Token(Role.Sampler, "site-1"), grid.Token(Role.Lab, "lab-001"));
        await PostAsync(
            site,
            "/v1/tubes",
            new
            {
                tubeId = "retest-1",
                capacity = 1,
                siteId = "site-1",
            }
        );
        var sample = new { residentId = grid.States.KeyOf(resident), collectedAt = now.AddMinutes(-30) };
        await PostAsync(site, "/v1/tubes/retest-1/samples", sample);
        await PostAsync(site, "/v1/tubes/retest-1/seal", new { });
        await PostAsync(
            laboratory,
            "/v1/results",
            new
            {
                tubeId = "retest-1",
                sequence = 1,
                method = "rt-pcr",
                result = "negative",
                testedAt = now.AddMinutes(-1),
            }
        );
        await page.EvaluateAsync("dispatchEvent(new Event('online'))");
        await Expect(page.Locator("#colour")).ToHaveTextAsync("Green");
        await Expect(page.Locator("#facts")).ToContainTextAsync("Negative");
        await Expect(page.Locator("#causes")).Not.ToBeVisibleAsync();
        await Expect(page.Locator("#code")).Not.ToContainTextAsync("retest");
    }

    private async Task PostAsync(string token, string path, object body)
    {
        // Repeat like a caller: each of these calls is idempotent under its id.
        var answer = await Waiting.AnsweredAsync(
            () => grid.CallAsync(HttpMethod.Post, path, token, body),
            $"the grid has room for {path}"
        );
        Assert.True((int)answer.Status < 300, answer.Text);
    }

    private static async Task AskAsync(IPage page, Person person)
    {
        await page.FillAsync("#id-number", person.IdNumber.Reveal());
        await page.FillAsync("#phone", person.Phone.Reveal());
        await page.ClickAsync("#ask button");
        await Expect(page.Locator("#otp")).ToBeVisibleAsync();
    }

    private async Task<IPage> SignInAsync(string locale, int resident)
    {
        var page = await OpenAsync(locale);
        await PasteAsync(page, grid.TokenOf(resident));
        return page;
    }

    private async Task<IPage> OpenAsync(string locale)
    {
        var page = await browser.OpenAsync(locale);
        await page.Clock.InstallAsync();
        page.PageError += (_, error) => Assert.Fail(error);
        await page.GotoAsync(grid.Http.BaseAddress!.ToString());
        return page;
    }

    private static async Task PasteAsync(IPage page, string token)
    {
        if (!await page.Locator("#token").IsVisibleAsync())
            await page.ClickAsync("summary");
        await page.FillAsync("#token", token);
        await page.ClickAsync("#paste button");
    }

    /// <summary>
    /// Asserts that the drawn modules encode the token that the service sent; other tests check the encoder.
    /// </summary>
    private static async Task AssertSymbolIsOf(IPage page, string token)
    {
        string[] drawn = (await page.GetAttributeAsync("#symbol path", "d"))!.Split(
            'M',
            StringSplitOptions.RemoveEmptyEntries
        );
        string[] expected = await page.EvaluateAsync<string[]>(
            "token => qr(token).flatMap((row, y) => "
                + "row.flatMap((dark, x) => dark ? [`${x + 4} ${y + 4}h1v1h-1z`] : []))",
            token
        );
        Assert.Equal(expected, drawn);
    }
}
