using Grid.Codec;

namespace Grid.Tests.Codec;

public class ExceptionCodecTests
{
    [Fact]
    public void A_known_exception_arrives_with_its_type_its_message_and_its_inner_exception()
    {
        var read = Sent(new TimeoutException("too late", new InvalidOperationException("because")));

        Assert.IsType<TimeoutException>(read);
        Assert.Equal("too late", read.Message);
        Assert.Equal("because", Assert.IsType<InvalidOperationException>(read.InnerException).Message);
    }

    [Fact]
    public void An_unknown_exception_arrives_by_name_and_message_and_is_sent_on_the_same()
    {
        var read = Assert.IsType<RemoteGrainException>(Sent(new UnheardOfException("odd")));
        Assert.Equal(typeof(UnheardOfException).FullName, read.TypeName);
        Assert.Equal("odd", read.Message);

        var again = Assert.IsType<RemoteGrainException>(Sent(read));
        Assert.Equal(typeof(UnheardOfException).FullName, again.TypeName);
        Assert.Equal("odd", again.Message);
    }

    [Fact]
    public void The_stack_of_the_thrower_is_shown_before_the_receivers()
    {
        var read = Sent(Thrown());
        Assert.Contains(nameof(Thrown), read.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public void A_registered_exception_keeps_what_its_type_adds()
    {
        KnownExceptions.Register(
            image => new DetailedException(image.Message, image.Detail(0), image.Detail(1)),
            thrown => [thrown.Stored, thrown.Current]);

        var read = Assert.IsType<DetailedException>(Sent(new DetailedException("conflict", "7", null)));
        Assert.Equal("conflict", read.Message);
        Assert.Equal("7", read.Stored);
        Assert.Null(read.Current);
    }

    [Fact]
    public void A_long_chain_of_long_messages_is_cut()
    {
        Exception chain = new InvalidOperationException(new string('x', 100_000));
        for (var link = 0; link < 100; link++)
            chain = new InvalidOperationException(new string('y', 100_000), chain);

        Assert.InRange(Codec<Exception>.Encode(chain).Length, 1, 64 * 1024);
        Assert.NotNull(Sent(chain));
    }

    private static Exception Sent(Exception exception) => Codec<Exception>.Decode(Codec<Exception>.Encode(exception))!;

    private static Exception Thrown()
    {
        try
        {
            throw new InvalidOperationException("thrown");
        }
        catch (InvalidOperationException thrown)
        {
            return thrown;
        }
    }

    private sealed class UnheardOfException(string message) : Exception(message);

    private sealed class DetailedException(string message, string? stored, string? current) : Exception(message)
    {
        public string? Stored => stored;

        public string? Current => current;
    }
}
