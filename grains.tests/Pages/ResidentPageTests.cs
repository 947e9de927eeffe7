using System.Text.Json;
using Grid.Keys;
using Grid.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Grid.Tests.Pages;

/// <summary>The page as a resident meets it: a phone-sized browser on the whole product.</summary>
public sealed class ResidentPageTests(DemoGateway gateway, Browser browser) : IClassFixture<DemoGateway>, IClassFixture<Browser>
{
    private const string Display = "**/v1/me/code";
    private const long BeyondValidityMs = 75_000;
    private const float LongestPauseMs = 60_000;

    [ChromiumFact]
    public async Task A_resident_signs_in_with_a_one_time_code_and_sees_the_code_in_both_languages()
    {
        int green = gateway.Showcase.Green!.Value;
        var person = gateway.City.Resident(green);
        var page = await OpenAsync("zh-CN");
        await page.FillAsync("#id-number", person.IdNumber.Reveal());
        await page.FillAsync("#phone", person.Phone.Reveal());
        await page.ClickAsync("#ask button");
        await Expect(page.Locator("#otp")).ToBeVisibleAsync();
        await page.FillAsync("#otp", await Notifications.CodeForAsync(gateway.States.KeyOf(green), gateway.DataFolder));
        var shown = page.WaitForResponseAsync(Display);
        await page.ClickAsync("#enter button");

        await Expect(page.Locator("#colour")).ToHaveTextAsync("绿码");
        await Expect(page.Locator("#name")).ToHaveTextAsync(MaskedName.Of(person.Name));
        await Expect(page.Locator("#facts")).ToContainTextAsync("阴性");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "zh-CN");
        await AssertSymbolIsOf(page, await (await shown).JsonAsync());

        await page.ClickAsync("#language");
        await Expect(page.Locator("#colour")).ToHaveTextAsync("Green");
        await Expect(page.Locator("#facts")).ToContainTextAsync("Negative");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 360"), "wider than a phone");
    }

    [ChromiumFact]
    public async Task Every_colour_is_said_in_words_with_its_reason()
    {
        var page = await SignInAsync("en-GB", gateway.Showcase.Yellow!.Value);
        await Expect(page.Locator("#colour")).ToHaveTextAsync("Yellow");
        await Expect(page.Locator("#causes")).ToContainTextAsync("Pooled sample");
        await page.ClickAsync("#sign-out");
        await PasteAsync(page, gateway.TokenOf(gateway.Showcase.Red!.Value));
        await Expect(page.Locator("#colour")).ToHaveTextAsync("Red");
        await Expect(page.Locator("#causes")).ToContainTextAsync("Positive test");
    }

    [ChromiumFact]
    public async Task Out_of_reach_the_last_code_is_shown_as_old_and_its_symbol_goes_with_its_validity()
    {
        var page = await SignInAsync("en-GB", gateway.Showcase.Green!.Value);
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
        // An attempt that was under way as the clock jumped fails after it, and has the longest pause before the next.
        await Expect(page.Locator("#colour")).ToHaveTextAsync("Green", new() { Timeout = LongestPauseMs });
        await Expect(page.Locator("#symbol svg")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task A_token_that_is_none_leads_back_to_the_sign_in_and_is_forgotten()
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
        var person = gateway.City.Resident(gateway.Showcase.Green!.Value + 1);
        var page = await OpenAsync("en-GB");
        await page.FillAsync("#id-number", person.IdNumber.Reveal());
        await page.FillAsync("#phone", person.Phone.Reveal());
        await page.ClickAsync("#ask button");
        await page.FillAsync("#otp", "000000x");
        await page.ClickAsync("#enter button");
        await Expect(page.Locator("#message")).ToContainTextAsync("not accepted");
    }

    private async Task<IPage> SignInAsync(string locale, int resident)
    {
        var page = await OpenAsync(locale);
        await PasteAsync(page, gateway.TokenOf(resident));
        return page;
    }

    private async Task<IPage> OpenAsync(string locale)
    {
        var page = await browser.OpenAsync(locale);
        await page.Clock.InstallAsync();
        page.PageError += (_, error) => Assert.Fail(error);
        await page.GotoAsync(gateway.Address.ToString());
        return page;
    }

    private static async Task PasteAsync(IPage page, string token)
    {
        if (!await page.Locator("#token").IsVisibleAsync())
            await page.ClickAsync("summary");
        await page.FillAsync("#token", token);
        await page.ClickAsync("#paste button");
    }

    /// <summary>The modules drawn are those of the token that the service sent; that these are right is tested apart.</summary>
    private static async Task AssertSymbolIsOf(IPage page, JsonElement? display)
    {
        string token = display!.Value.GetProperty("token").GetString()!;
        string[] drawn = (await page.GetAttributeAsync("#symbol path", "d"))!.Split('M', StringSplitOptions.RemoveEmptyEntries);
        string[] expected = await page.EvaluateAsync<string[]>(
            "token => qr(token).flatMap((row, y) => row.flatMap((dark, x) => dark ? [`${x + 4} ${y + 4}h1v1h-1z`] : []))", token);
        Assert.Equal(expected, drawn);
    }
}
