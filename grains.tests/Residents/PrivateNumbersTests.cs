using System.Globalization;
using Grid.Residents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;

namespace Grid.Tests.Residents;

/// <summary>Formatting, logging or throwing never prints an identity number or a phone.</summary>
public sealed class PrivateNumbersTests
{
    private static readonly IdNumber Number = IdNumber.Create(610113, new DateOnly(1990, 1, 1), 1);
    private static readonly PhoneNumber Phone = PhoneNumber.Parse("13812345678");
    private static readonly Registration Both = new(Number, "张伟", Phone, 610113);
    private static readonly ProfileChange Change = new("张伟", Phone, 610113, "desk-1", "wrong phone");
    private static readonly ProfileAnswer Answer = new(true, ProfileFields.Phone, Phone);

    private static readonly object[] Values = [Number, Phone, Both, Change, Answer, (Number, Phone)];

    [Fact]
    public void A_formatted_value_has_no_digit() => Assert.All(Values, static value =>
        {
            HasNoDigit(value.ToString()!);
            HasNoDigit($"{value}");
            HasNoDigit(string.Format(CultureInfo.InvariantCulture, "{0,-20}", value));
            HasNoDigit(string.Concat("number ", value));
        });

    [Fact]
    public void A_logged_value_has_no_digit()
    {
        var lines = new Lines();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(lines));
        var logger = factory.CreateLogger("test");
        foreach (var value in Values)
            logger.LogWarning("The call with {Value} timed out.", value);
        Assert.Equal(Values.Length, lines.Written.Count);
        Assert.All(lines.Written, HasNoDigit);
    }

    [Fact]
    public void The_text_of_an_exception_about_a_value_has_no_digit() => Assert.All(Values, static value =>
        {
            HasNoDigit(new InvalidOperationException($"The call with {value} failed.").Message);
            HasNoDigit(new ArgumentOutOfRangeException(nameof(value), value, "The value is refused.").ToString());
        });

    [Fact]
    public void A_phone_that_cannot_be_parsed_is_not_quoted() =>
        HasNoDigit(Assert.Throws<FormatException>(() => PhoneNumber.Parse("1381234567")).Message);

    [Fact]
    public void Both_survive_the_serialization_of_a_call()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var copy = serializer.Deserialize<Registration>(serializer.SerializeToArray(Both))!;
        Assert.Equal(("610113199001010019", "13812345678"), (copy.IdNumber.Reveal(), copy.Phone.Reveal()));
        Assert.Equal(Both, copy);
        Assert.Equal(Change, serializer.Deserialize<ProfileChange>(serializer.SerializeToArray(Change)));
        Assert.Equal(Answer, serializer.Deserialize<ProfileAnswer>(serializer.SerializeToArray(Answer)));
    }

    private static void HasNoDigit(string text) => Assert.False(text.Any(char.IsDigit), text);

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Written.Add(formatter(state, exception));

        public void Dispose() { }
    }
}
