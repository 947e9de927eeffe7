using Grid.Gateway.Requests;

namespace Grid.Tests.Http;

public sealed class VisibleTextTests
{
    private const int MaxLength = 8;

    [Theory]
    [InlineData("张伟")]
    [InlineData("阿不都·热西提")]
    [InlineData("O'Brien")]
    [InlineData("Mary Ann")]
    [InlineData("𠮷野")] // outside the basic plane
    [InlineData("葛\uDB40\uDD00城")] // an ideograph with a variation selector
    [InlineData("Nguye\u0302\u0303n")]
    [InlineData("ནོར་བུ")]
    [InlineData("ᠮᠣᠩᠭᠣᠯ")]
    [InlineData("می\u200Cخوا")] // Persian needs the non-joiner
    [InlineData("\uE863")] // the private code of 䶮 in GBK
    [InlineData("8 号 Café")]
    [InlineData("👨\u200D👩\u200D👧")]
    public void Readable_text_is_accepted(string text) => Assert.Equal(text, VisibleText.Clean(text, MaxLength));

    [Theory]
    [InlineData("\u200B")]
    [InlineData("张\u200B三")]
    [InlineData("\u3164")]
    [InlineData("\u3164\u3164")]
    [InlineData("\u115F")]
    [InlineData("\u1160")]
    [InlineData("\uFFA0")]
    [InlineData("\u2800")]
    [InlineData("\u202E张三")]
    [InlineData("张\u202E三")]
    [InlineData("\u2066张三\u2069")]
    [InlineData("\u200E张三")]
    [InlineData("张\u00AD三")]
    [InlineData("\uFEFF张三")]
    [InlineData("张\u2060三")]
    [InlineData("\u0301")]
    [InlineData("\u0301张三")]
    [InlineData("\u20DD")]
    [InlineData("张\u2028三")]
    [InlineData("张\u2029三")]
    [InlineData("张三\u2028")]
    [InlineData("张\u0085三")]
    [InlineData("张\n三")]
    [InlineData("张\t三")]
    [InlineData("\u0007")]
    [InlineData("张\u200D三")]
    [InlineData("张\u034F三")]
    [InlineData("\uFE0F")]
    [InlineData("a\uFE0F")]
    [InlineData("张\uFE0F三")]
    [InlineData("张\uFE0E")]
    [InlineData("\uD834\uDD59")] // a note without a head
    [InlineData("\uFFFC")]
    [InlineData("张\uD81B\uDFE4三")] // the filler of Khitan
    [InlineData("\uDB40\uDC41")] // a tag character
    [InlineData("\uFFFD")]
    [InlineData("\uD840")] // half of a pair
    [InlineData("\uF8FF")]
    [InlineData("\uFFFE")]
    [InlineData("")]
    [InlineData("   \u3000")]
    [InlineData("123456789")]
    public void Invisible_characters_are_refused(string text) => Assert.Null(VisibleText.Clean(text, MaxLength));

    [Fact]
    public void A_pile_of_combining_marks_is_refused() =>
        Assert.Null(VisibleText.Clean("a" + new string('\u0301', 40), MaxLength));

    [Fact]
    public void Surrounding_whitespace_is_trimmed() =>
        Assert.Equal("张 三", VisibleText.Clean(" \u3000\t张 三\u00A0 ", MaxLength));

    [Fact]
    public void Length_counts_the_characters_that_people_see()
    {
        Assert.NotNull(VisibleText.Clean(string.Concat(Enumerable.Repeat("𠮷", MaxLength)), MaxLength));
        Assert.NotNull(VisibleText.Clean(string.Concat(Enumerable.Repeat("e\u0302\u0303", MaxLength)), MaxLength));
        Assert.Null(VisibleText.Clean(string.Concat(Enumerable.Repeat("𠮷", MaxLength + 1)), MaxLength));
    }
}
