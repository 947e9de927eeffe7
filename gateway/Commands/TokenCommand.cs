using System.Globalization;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Silo.Hosting;
using Grid.Silo.Stores;

namespace Grid.Gateway.Commands;

/// <summary><c>token --role R --subject S [--hours H]</c>: mints a token on the host that holds the keys.</summary>
internal static class TokenCommand
{
    private const double HoursDefault = 12;

    internal static async Task RunAsync(CommandArguments arguments)
    {
        arguments.Allow("role", "subject", "hours");
        if (!RoleNames.TryParse(arguments.Required("role"), out var role))
            throw new CommandException($"There is no such role; there are {string.Join(", ", RoleNames.All)}.");
        var subject = arguments.Required("subject");
        var life = Life(arguments.Option("hours"));
        GridStores.MarksOf(arguments.Configuration, arguments.DataFolder).RefuseWithoutRing(arguments.DataFolder);
        var tokens = new AccessTokens(KeyRing.Open(arguments.DataFolder, TimeProvider.System), TimeProvider.System);
        await using var output = new StreamWriter(Console.OpenStandardOutput());
        if (subject != "-")
        {
            await output.WriteLineAsync(Mint(tokens, role, subject, life, 0));
            return;
        }
        using var input = new StreamReader(Console.OpenStandardInput());
        var number = 0;
        while (await input.ReadLineAsync() is { } line)
        {
            number++;
            if (line.Trim() is { Length: > 0 } each)
                await output.WriteLineAsync(Mint(tokens, role, each, life, number));
        }
    }

    private static string Mint(AccessTokens tokens, Role role, string subject, TimeSpan life, int line)
    {
        if (!AccessTokens.IsSubject(role, subject))
        {
            var rule = role == Role.Resident ? "the subject of a resident's token is the resident id" : "a subject has 1 to 64 visible ASCII characters";
            throw new CommandException(line == 0 ? $"Not a subject: {rule}." : $"Not a subject in line {line}: {rule}.");
        }
        return tokens.Mint(role, subject, life).Token;
    }

    private static TimeSpan Life(string? hours)
    {
        var max = AccessTokens.LifeMax.TotalHours;
        var value = HoursDefault;
        if (hours is not null && (!double.TryParse(hours, NumberStyles.Float, CultureInfo.InvariantCulture, out value) || !(value > 0) || value > max))
            throw new CommandException($"The option --hours is more than 0 and up to {max}.");
        return TimeSpan.FromHours(value);
    }
}
