using Grid.Residents;

namespace Grid.Tests.Residents;

public class PhoneNumberTests
{
    [Theory]
    [InlineData("13812345678")]
    [InlineData("+8613812345678")]
    [InlineData("+86 13812345678")]
    [InlineData("+86-13812345678")]
    public void Every_accepted_form_is_the_same_number(string text)
    {
        Assert.True(PhoneNumber.TryParse(text, out var number));
        Assert.Equal("13812345678", number.Reveal());
        Assert.Equal("138****5678", number.Masked);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("12812345678")]
    [InlineData("23812345678")]
    [InlineData("1381234567")]
    [InlineData("138123456789")]
    [InlineData("1381234567a")]
    [InlineData("8613812345678")]
    [InlineData("+85213812345678")]
    [InlineData("+86  13812345678")]
    [InlineData("+86")]
    [InlineData("１3812345678")]
    public void Anything_else_is_refused(string text) => Assert.False(PhoneNumber.TryParse(text, out _));
}
