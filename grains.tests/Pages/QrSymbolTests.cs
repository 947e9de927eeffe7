using Grid.Tests.Fixtures;
using Microsoft.Playwright;
using QRCoder;

namespace Grid.Tests.Pages;

/// <summary>The browser's encoder against QRCoder, module by module.</summary>
public sealed class QrSymbolTests(PageHost host, Browser browser) : IClassFixture<PageHost>, IClassFixture<Browser>
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    private const int QuietZone = 4;
    private const int LongestAtLevelM = 311;
    private const int LongestAtLevelL = 395;

    // Two modules of the format word, unmasked, per bit of the mask's number: row 8, columns 2 to 4.
    private const int FormatMask = 0b101;

    [ChromiumFact]
    public async Task Every_symbol_is_that_of_the_reference_encoder()
    {
        var page = await OpenAsync();
        var random = new Random(1);
        for (int length = 1; length <= LongestAtLevelL; length += 7)
        {
            string text = string.Concat(Enumerable.Range(0, length).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var level = length <= LongestAtLevelM ? QRCodeGenerator.ECCLevel.M : QRCodeGenerator.ECCLevel.L;
            string[] expected = Reference(text, level, out int mask);
            string[] actual = await page.EvaluateAsync<string[]>(
                "([text, mask]) => qr(text, mask).map(row => row.map(Number).join(''))", new object[] { text, mask });
            Assert.Equal(expected, actual);
        }
    }

    [ChromiumFact]
    public async Task What_does_not_fit_or_has_no_place_in_the_alphabet_makes_no_symbol()
    {
        var page = await OpenAsync();
        Assert.True(await page.EvaluateAsync<bool>($"qr('A'.repeat({LongestAtLevelL})) !== null"));
        Assert.True(await page.EvaluateAsync<bool>($"qr('A'.repeat({LongestAtLevelL + 1})) === null"));
        Assert.True(await page.EvaluateAsync<bool>("qr('hk1:') === null"));
    }

    private async Task<IPage> OpenAsync()
    {
        var page = await browser.OpenAsync("en-GB");
        await page.GotoAsync(host.Address.ToString());
        return page;
    }

    private static string[] Reference(string text, QRCodeGenerator.ECCLevel level, out int mask)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, level);
        int size = data.ModuleMatrix.Count - 2 * QuietZone;
        var rows = Enumerable.Range(0, size)
            .Select(y => string.Concat(Enumerable.Range(0, size)
                .Select(x => data.ModuleMatrix[y + QuietZone][x + QuietZone] ? '1' : '0')))
            .ToArray();
        mask = Convert.ToInt32(rows[8].Substring(2, 3), 2) ^ FormatMask;
        return rows;
    }
}
