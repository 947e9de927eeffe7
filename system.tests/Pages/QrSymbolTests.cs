using Grid.Tests.Fixtures;
using Microsoft.Playwright;
using QRCoder;

namespace Grid.Tests.Pages;

/// <summary>The browser's encoder against QRCoder, module by module.</summary>
[Collection(BrowserCollection.Name)]
public sealed class QrSymbolTests(DemoGrid grid, Browser browser)
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    private const int LongestAtLevelM = 311;
    private const int LongestAtLevelL = 395;

    [ChromiumFact]
    public async Task Every_symbol_matches_the_reference_encoder()
    {
        var page = await OpenAsync();
        var random = new Random(1);
        for (int length = 1; length <= LongestAtLevelL; length += 7)
        {
            string text = string.Concat(
                Enumerable.Range(0, length).Select(_ => Alphabet[random.Next(Alphabet.Length)])
            );
            var level = length <= LongestAtLevelM ? QRCodeGenerator.ECCLevel.M : QRCodeGenerator.ECCLevel.L;
            string[] expected = QrReference.Rows(text, level, out int mask);
            string[] actual = await page.EvaluateAsync<string[]>(
                "([text, mask]) => qr(text, mask).map(row => row.map(Number).join(''))",
                new object[] { text, mask }
            );
            Assert.Equal(expected, actual);
        }
    }

    [ChromiumFact]
    public async Task Text_that_is_too_long_or_outside_the_alphabet_makes_no_symbol()
    {
        var page = await OpenAsync();
        Assert.True(await page.EvaluateAsync<bool>($"qr('A'.repeat({LongestAtLevelL})) !== null"));
        Assert.True(await page.EvaluateAsync<bool>($"qr('A'.repeat({LongestAtLevelL + 1})) === null"));
        Assert.True(await page.EvaluateAsync<bool>("qr('hk1:') === null"));
    }

    private async Task<IPage> OpenAsync()
    {
        var page = await browser.OpenAsync("en-GB");
        await page.GotoAsync(grid.Http.BaseAddress!.ToString());
        return page;
    }
}
