using Grid.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Grid.Tests.Pages;

/// <summary>
/// The symbol and the colour as a scanner and a guard see them, with every change that phones make to pages.
/// </summary>
[Collection(BrowserCollection.Name)]
public sealed class SymbolOnScreenTests(DemoGrid grid, Browser browser)
{
    private const int SmallestSymbolPx = 120;
    private const int QuietModules = 4;
    private static readonly (byte, byte, byte) White = (255, 255, 255);
    private static readonly (byte, byte, byte) GreenOfTheBand = (0x14, 0x78, 0x4a);

    public static TheoryData<Look> Looks =>
        [
            new Look(),
            new Look(Width: 375, Dark: true),
            new Look(Width: 375, Dark: true, Darkened: true),
            new Look(Width: 1280, Darkened: true),
            new Look(Width: 375, HighContrast: true),
            new Look(Width: 375, HighContrast: true, Dark: true),
            new Look(Width: 1280, HighContrast: true, Dark: true, Darkened: true),
            new Look(Width: 375, Darkened: true, TextPercent: 200),
            new Look(Width: 188, HighContrast: true, Dark: true),
        ];

    [ChromiumTheory]
    [MemberData(nameof(Looks))]
    public async Task A_scanner_reads_the_symbol_on_the_screen_in_every_look(Look look)
    {
        var (page, token) = await ShowAsync(look);
        await AssertLookAsync(page, look);
        Assert.Equal(token, (await PictureAsync(page)).Read());

        await page.EvaluateAsync($"document.querySelector('#symbol svg').style.width = '{SmallestSymbolPx}px'");
        Assert.Equal(token, (await PictureAsync(page)).Read());
    }

    [ChromiumTheory]
    [MemberData(nameof(Looks))]
    public async Task Four_white_modules_stand_around_the_symbol_in_every_look(Look look)
    {
        var (page, token) = await ShowAsync(look);
        int modules = await page.EvaluateAsync<int>("token => qr(token).length", token);
        var picture = Screenshot.Of(await page.Locator("#symbol svg").ScreenshotAsync());
        double module = (double)picture.Width / (modules + 2 * QuietModules);
        // The pixels on the edge are shared with the card on the outside and with a module on the inside.
        int quiet = (int)(QuietModules * module) - 1;
        Assert.True(quiet > 1, $"a module is {module} px");
        for (int y = 1; y < picture.Height - 1; y++)
        {
            for (int x = 1; x < picture.Width - 1; x++)
            {
                if (x < quiet || y < quiet || x >= picture.Width - quiet || y >= picture.Height - quiet)
                    Assert.Equal((x, y, White), (x, y, picture.At(x, y)));
            }
        }
    }

    [ChromiumTheory]
    [MemberData(nameof(Looks))]
    public async Task The_band_has_the_colour_of_the_code_in_every_look(Look look)
    {
        var (page, _) = await ShowAsync(look);
        var band = Screenshot.Of(await page.Locator("#band").ScreenshotAsync());
        Assert.Equal(GreenOfTheBand, band.At(band.Width / 2, 4));
        Assert.Equal(GreenOfTheBand, band.At(4, band.Height / 2));
    }

    /// <summary>Asserts that the browser applies the look: otherwise the other checks would prove nothing.</summary>
    private static async Task AssertLookAsync(IPage page, Look look)
    {
        Assert.Equal(
            look.HighContrast,
            await page.EvaluateAsync<bool>("matchMedia('(forced-colors: active)').matches")
        );
        Assert.Equal(look.Dark, await page.EvaluateAsync<bool>("matchMedia('(prefers-color-scheme: dark)').matches"));
        var picture = await PictureAsync(page);
        var (red, green, blue) = picture.At(picture.Width - 2, 2);
        bool dark = red + green + blue < 3 * 64;
        Assert.Equal(look.Darkened || (look.HighContrast && look.Dark), dark);
    }

    private static async Task<Screenshot> PictureAsync(IPage page) =>
        Screenshot.Of(await page.ScreenshotAsync(new() { FullPage = true }));

    private async Task<(IPage Page, string Token)> ShowAsync(Look look)
    {
        var page = await browser.OpenAsync("en-GB", look);
        page.PageError += (_, error) => Assert.Fail(error);
        await page.GotoAsync(grid.Http.BaseAddress!.ToString());
        await page.EvaluateAsync(
            "percent => { document.documentElement.style.fontSize = `${percent}%` }",
            look.TextPercent
        );
        await page.ClickAsync("summary");
        await page.FillAsync("#token", grid.TokenOf(grid.Showcase.Green!.Value));
        var answer = await page.RunAndWaitForResponseAsync(() => page.ClickAsync("#paste button"), "**/v1/me/code");
        await Expect(page.Locator("#symbol svg")).ToBeVisibleAsync();
        return (page, GridJson.Read<DisplayReply>(await answer.TextAsync()).Token!);
    }
}
