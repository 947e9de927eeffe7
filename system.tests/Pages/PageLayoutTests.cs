using Grid.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Grid.Tests.Pages;

/// <summary>
/// Nothing is cut off, no word is split, and nothing needs sideways scrolling, however large the text and small the
/// window.
/// </summary>
[Collection(BrowserCollection.Name)]
public sealed class PageLayoutTests(DemoGrid grid, Browser browser)
{
    // Lists texts and pictures that lie outside the window, or outside a surrounding box that clips them.
    private const string CutOff = """
        () => {
          const cut = [], seen = node => {
            const range = document.createRange();
            range.selectNodeContents(node);
            return [...range.getClientRects()];
          };
          for (const node of document.querySelectorAll('main *, header *')) {
            const texts = [...node.childNodes].filter(child => child.nodeType === 3 && child.data.trim());
            const places = node.localName === 'svg' ? [node.getBoundingClientRect()] : texts.flatMap(seen);
            // A word in two rectangles is split.
            for (const text of texts) {
              for (const word of text.data.matchAll(/[\w:*’']+/g)) {
                const range = document.createRange();
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                if (range.getClientRects().length > 1) cut.push(`${node.id}: ${word[0]}`);
              }
            }
            for (const place of places.filter(place => place.width)) {
              const outside = box => place.left < box.left - 1 || place.right > box.right + 1;
              if (outside({ left: 0, right: innerWidth })) cut.push(node.id || node.outerHTML);
              for (let box = node; box; box = box.parentElement) {
                const hides = getComputedStyle(box).overflow !== 'visible';
                const rect = box.getBoundingClientRect();
                if (hides && (outside(rect) || place.bottom > rect.bottom + 1)) cut.push(node.id || node.outerHTML);
              }
            }
          }
          if (document.documentElement.scrollWidth > innerWidth) cut.push(`wider than ${innerWidth}`);
          return cut;
        }
        """;

    private static readonly (int Width, int TextPercent)[] ScreenSizes =
    [
        (375, 100),
        (375, 200),
        (320, 200),
        (188, 100),
        (1280, 100),
        (1280, 200),
    ];

    public static TheoryData<string, int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<string, int, int>();
            foreach (string locale in new[] { "zh-CN", "en-GB" })
            {
                foreach (var (width, textPercent) in ScreenSizes)
                    sizes.Add(locale, width, textPercent);
            }
            return sizes;
        }
    }

    [ChromiumTheory]
    [MemberData(nameof(Sizes))]
    public async Task The_code_is_shown_whole(string locale, int width, int textPercent)
    {
        var page = await OpenAsync(locale, width, textPercent);
        await page.ClickAsync("summary");
        await page.FillAsync("#token", grid.TokenOf(grid.Showcase.Yellow!.Value));
        await page.ClickAsync("#paste button");
        await Expect(page.Locator("#symbol svg")).ToBeVisibleAsync();
        Assert.Empty(await page.EvaluateAsync<string[]>(CutOff));
        var card = await page.Locator("#card").BoundingBoxAsync();
        var symbol = await page.Locator("#symbol svg").BoundingBoxAsync();
        Assert.InRange(symbol!.Width, Math.Min(272, card!.Width - 3), card.Width);

        await page.RouteAsync("**/v1/me/code", route => route.AbortAsync());
        await page.Clock.FastForwardAsync(75_000);
        await Expect(page.Locator("#card")).ToHaveClassAsync("stale offline");
        Assert.Empty(await page.EvaluateAsync<string[]>(CutOff));
    }

    [ChromiumTheory]
    [MemberData(nameof(Sizes))]
    public async Task The_sign_in_and_the_registration_are_shown_whole(string locale, int width, int textPercent)
    {
        var page = await OpenAsync(locale, width, textPercent);
        Assert.Empty(await page.EvaluateAsync<string[]>(CutOff));
        await page.ClickAsync("#register");
        await page.ClickAsync("#ask > button:first-of-type");
        await Expect(page.Locator("#district-wrong")).Not.ToBeEmptyAsync();
        Assert.Empty(await page.EvaluateAsync<string[]>(CutOff));
    }

    private async Task<IPage> OpenAsync(string locale, int width, int textPercent)
    {
        var page = await browser.OpenAsync(locale, new Look(width));
        await page.Clock.InstallAsync();
        page.PageError += (_, error) => Assert.Fail(error);
        await page.GotoAsync(grid.Http.BaseAddress!.ToString());
        await page.EvaluateAsync("percent => { document.documentElement.style.fontSize = `${percent}%` }", textPercent);
        return page;
    }
}
