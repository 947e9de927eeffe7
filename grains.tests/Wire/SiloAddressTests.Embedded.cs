using Grid.Engine.Wire;

namespace Grid.Tests.Wire;

public class SiloAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:8090", "127.0.0.1", 8090)]
    [InlineData("silo-3.grid.svc:1", "silo-3.grid.svc", 1)]
    [InlineData("[::1]:65535", "::1", 65535)]
    public void An_address_is_read_as_it_is_written(string text, string host, int port)
    {
        var address = SiloAddress.Parse(text);
        Assert.Equal(new SiloAddress(host, port), address);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("silo")]
    [InlineData("silo:")]
    [InlineData(":80")]
    [InlineData("silo:0")]
    [InlineData("silo:65536")]
    [InlineData("silo:+80")]
    [InlineData("::1:80")]
    [InlineData("[silo]:80")]
    [InlineData("a b:80")]
    public void What_is_no_address_is_refused(string text)
    {
        Assert.False(SiloAddress.TryParse(text, out _));
        Assert.Throws<FormatException>(() => SiloAddress.Parse(text));
    }
}
