using System.CommandLine;
using System.Globalization;
using Grid.Commands;
using Grid.Gateway.Hosting;
using Grid.Gateway.Tokens;
using Grid.Hosting.Keys;
using Grid.Keys;

namespace Grid.Gateway.Commands;

/// <summary><c>token</c>: mints a token on the machine that holds the keys.</summary>
internal static class TokenCommand
{
    private const double DefaultHours = 12;

    internal static Command Create(CommandSettings settings)
    {
        var role = CommandOptions.OneOf("--role", "The role of the caller.", [.. RoleNames.All]);
        var subject = CommandOptions.Text(
            "--subject",
            "The caller: a laboratory, a site, a device, or a resident's id. A dash (-) reads one subject per line "
                + "from standard input and prints one token per line.",
            "subject|-"
        );
        (role.Required, subject.Required) = (true, true);
        var hours = new Option<double>("--hours")
        {
            Description = "The life of the token in hours.",
            HelpName = "number",
            DefaultValueFactory = static _ => DefaultHours,
            CustomParser = static result => CommandOptions.Read<double?>(result, ReadHours, HoursRule) ?? DefaultHours,
        };
        var command = new GridCommand(
            "token",
            "Mints an access token with the keys of the data folder and prints only the token.",
            "token=$(gateway token --role lab --subject lab-001 --hours 2)"
        )
        {
            role,
            subject,
            hours,
        };
        command.SetAction(
            (parsed, _) =>
                RunAsync(
                    settings,
                    parsed.GetRequiredValue(role),
                    parsed.GetRequiredValue(subject),
                    TimeSpan.FromHours(parsed.GetValue(hours))
                )
        );
        return command;
    }

    private static string HoursRule =>
        $"The option --hours must be more than 0 and at most {AccessTokens.MaxLife.TotalHours}.";

    private static double? ReadHours(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var hours)
        && hours > 0
        && hours <= AccessTokens.MaxLife.TotalHours
            ? hours
            : null;

    private static async Task RunAsync(CommandSettings settings, string roleName, string subject, TimeSpan life)
    {
        _ = RoleNames.TryParse(roleName, out var role);
        if (subject != "-" && !AccessTokens.IsSubject(role, subject))
            throw new UsageException($"Not a subject: {RuleOf(role)}.");
        SiloInProcess.RingMarksOf(settings.Configuration, settings.DataFolder).RefuseWithoutRing(settings.DataFolder);
        var tokens = new AccessTokens(KeyRing.Open(settings.DataFolder, TimeProvider.System), TimeProvider.System);
        await using var output = new StreamWriter(Console.OpenStandardOutput());
        if (subject != "-")
        {
            await output.WriteLineAsync(tokens.Mint(role, subject, life).Token);
            return;
        }

        using var input = new StreamReader(Console.OpenStandardInput());
        for (var number = 1; await input.ReadLineAsync() is { } line; number++)
        {
            if (line.Trim() is not { Length: > 0 } each)
                continue;
            if (!AccessTokens.IsSubject(role, each))
                throw new CommandException($"Not a subject in line {number}: {RuleOf(role)}.");
            await output.WriteLineAsync(tokens.Mint(role, each, life).Token);
        }
    }

    private static string RuleOf(Role role) =>
        role == Role.Resident
            ? "the subject of a resident's token is the resident id"
            : "a subject has 1 to 64 visible ASCII characters";
}
