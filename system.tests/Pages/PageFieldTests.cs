using System.Text.Json;
using Grid.Residents;
using Grid.Tests.Fixtures;
using Microsoft.Playwright;

namespace Grid.Tests.Pages;

/// <summary>How the page handles text that people type or paste, or that a phone fills in.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PageFieldTests(DemoGrid grid, Browser browser)
{
    private const string Phone = "13800138000";
    private static readonly DateOnly Today = new(2022, 1, 4);

    [ChromiumTheory]
    [InlineData("138 0013 8000")]
    [InlineData("138-0013-8000")]
    [InlineData("138\u20110013\u20138000")]
    [InlineData("138\u22120013\u22128000")]
    [InlineData("138.0013.8000")]
    [InlineData("+86 138 0013 8000")]
    [InlineData("+86-138-0013-8000")]
    [InlineData("(+86) 138 0013 8000")]
    [InlineData("（+86）13800138000")]
    [InlineData("0086 138 0013 8000")]
    [InlineData("008613800138000")]
    [InlineData("8613800138000")]
    [InlineData("tel:+86-138-0013-8000")]
    [InlineData("013800138000")]
    [InlineData("１３８００１３８０００")]
    [InlineData("＋８６　１３８００１３８０００")]
    [InlineData("\u202a+86 138 0013 8000\u202c")]
    [InlineData("\u200e13800138000\u200b")]
    [InlineData("\ufeff138\u00a00013\u202f8000\u2060")]
    [InlineData("138\u3164\u00ad00138000")]
    [InlineData("\t13800138000\r\n")]
    [InlineData("1\ufe0f\u20e33800138000")]
    public async Task A_phone_number_is_read_as_a_phone_book_writes_it(string typed) =>
        Assert.Equal(Phone, (await ReadAsync("phone", typed)).Value);

    [ChromiumTheory]
    [InlineData("", "needed")]
    [InlineData(" \u200b\u3164 ", "needed")]
    [InlineData("1380013800", "phoneLength", 10)]
    [InlineData("+86 138 0013 800", "phoneLength", 10)]
    [InlineData("138001380001", "phoneLength", 12)]
    [InlineData("12800138000", "phoneStart")]
    [InlineData("029 8888 8888", "phoneStart")]
    [InlineData("+852 9123 4567", "phoneStart")]
    [InlineData("1380013800o", "phoneCharacters")]
    [InlineData("138001380٠٠", "phoneCharacters")]
    public async Task An_invalid_phone_number_is_reported_with_its_reason(string typed, string wrong, int? n = null) =>
        Assert.Equal(new Found(null, wrong, n), await ReadAsync("phone", typed));

    [ChromiumTheory]
    [InlineData("11010519491231002X")]
    [InlineData("11010519491231002x")]
    [InlineData("110105 19491231 002X")]
    [InlineData("110105-1949-1231-002X")]
    [InlineData("１１０１０５１９４９１２３１００２Ｘ")]
    [InlineData("\u202d11010519491231002\u2169\u202c")]
    [InlineData("\ufeff110105\u200b19491231\u00a0002X\n")]
    public async Task An_id_number_is_read_as_it_is_pasted(string typed) =>
        Assert.Equal("11010519491231002X", (await ReadAsync("idNumber", typed)).Value);

    [ChromiumTheory]
    [InlineData("", "needed")]
    [InlineData("110105491231002", "idOld")]
    [InlineData("1101051949123100", "idLength", 16)]
    [InlineData("11010519491231002X1", "idCharacters")]
    [InlineData("110105194912310021X", "idLength", 19)]
    [InlineData("1101O519491231002X", "idCharacters")]
    [InlineData("11010519490229002X", "idBirth")]
    [InlineData("11010519491331002X", "idBirth")]
    [InlineData("110105194912310021", "idCheck")]
    [InlineData("11010519491231003X", "idCheck")]
    [InlineData("99010519491231002X", "idRegion")]
    public async Task An_invalid_id_number_is_reported_with_its_reason(string typed, string wrong, int? n = null) =>
        Assert.Equal(new Found(null, wrong, n), await ReadAsync("idNumber", typed));

    [ChromiumFact]
    public async Task The_page_and_the_service_agree_on_id_numbers()
    {
        var page = await OpenAsync();
        var random = new Random(11);
        var births = new[] { new DateOnly(1949, 10, 1), new DateOnly(2000, 2, 29), new DateOnly(2021, 12, 31) };
        var provinces = Enumerable
            .Range(10, 90)
            .Select(province =>
                (
                    Province: province,
                    Region: Enumerable
                        .Range(0, 10_000)
                        .Select(rest => province * 10_000 + rest)
                        .Where(RegionCode.IsPlausible)
                        .Cast<int?>()
                        .FirstOrDefault()
                )
            )
            .ToArray();
        foreach (var (province, region) in provinces)
        {
            string body =
                $"{region ?? province * 10_000 + 101:000000}{births[province % 3]:yyyyMMdd}{random.Next(1000):000}";
            foreach (char last in "0123456789X")
            {
                bool taken = IdNumber.Parse(body + last, Today, out _) == IdNumberOutcome.Valid;
                var found = await ReadAsync(page, "idNumber", body + last);
                Assert.Equal((body + last, taken), (body + last, found.Wrong is null));
            }
        }
    }

    [ChromiumTheory]
    [InlineData("otp", "123 456", "123456")]
    [InlineData("otp", "123-456", "123456")]
    [InlineData("otp", "１２３４５６\u200b", "123456")]
    [InlineData("otp", " 123\u00a0456\n", "123456")]
    [InlineData("name", " 张 \u200b", "张")]
    [InlineData("name", "\u202e张三\u3164", "张三")]
    [InlineData("name", "Anna\tMaria\u00a0 Li", "Anna Maria Li")]
    [InlineData("name", "古丽·买买提", "古丽·买买提")]
    [InlineData("token", "Bearer abc.\ndef ", "abc.def")]
    public async Task Other_inputs_drop_characters_that_a_paste_adds(string field, string typed, string expected) =>
        Assert.Equal(expected, (await ReadAsync(field, typed)).Value);

    [ChromiumTheory]
    [InlineData("otp", "", "needed")]
    [InlineData("otp", "12345", "otpForm", 5)]
    [InlineData("otp", "1234567", "otpForm", 7)]
    [InlineData("otp", "12345a", "otpForm", 6)]
    [InlineData("name", "\u200b\u3164\u2800 ", "needed")]
    [InlineData("district", "", "needed")]
    [InlineData("token", " \n", "needed")]
    [InlineData("token", "令牌", "tokenForm")]
    public async Task Other_invalid_inputs_are_reported_with_their_reason(
        string field,
        string typed,
        string wrong,
        int? n = null
    ) => Assert.Equal(new Found(null, wrong, n), await ReadAsync(field, typed));

    [Fact]
    public async Task The_page_offers_every_district_and_cuts_nothing_that_is_pasted()
    {
        string html = await grid.Http.GetStringAsync("/");
        Assert.NotEmpty(Districts.All);
        foreach (var district in Districts.All)
        {
            string option = $"<option value=\"{district.Code}\" data-zh=\"{district.Chinese}\"";
            Assert.Contains(option, html, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("maxlength", html, StringComparison.OrdinalIgnoreCase);
    }

    private async Task<Found> ReadAsync(string field, string typed) => await ReadAsync(await OpenAsync(), field, typed);

    private static async Task<Found> ReadAsync(IPage page, string field, string typed)
    {
        var found = await page.EvaluateAsync<JsonElement>(
            "([field, typed]) => fields[field](typed)",
            new object[] { field, typed }
        );
        return new Found(
            found.TryGetProperty("value", out var value) ? value.GetString() : null,
            found.TryGetProperty("wrong", out var wrong) ? wrong.GetString() : null,
            found.TryGetProperty("n", out var n) ? n.GetInt32() : null
        );
    }

    private async Task<IPage> OpenAsync()
    {
        var page = await browser.OpenAsync("en-GB");
        await page.GotoAsync(grid.Http.BaseAddress!.ToString());
        return page;
    }

    private sealed record Found(string? Value, string? Wrong, int? N);
}
