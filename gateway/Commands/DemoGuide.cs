using Grid.Commands.Demo;
using Grid.Gateway.Tokens;

namespace Grid.Gateway.Commands;

/// <summary>
/// Prints a first look at the city: residents to sign in as, tokens, and curl commands to paste into a shell.
/// </summary>
internal sealed class DemoGuide(City city, CityStates states, AccessTokens tokens, TimeProvider time, TextWriter output)
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(24);

    /// <summary>Prints the guide for a gateway at an address without a trailing slash.</summary>
    public void Write(string address, string dataFolder)
    {
        var showcase = Showcase.Of(city);
        output.WriteLine($"The page: {address}/");
        output.WriteLine($"One-time codes: the last line of {Path.Combine(dataFolder, "notifications")}/*.ndjson");
        WritePerson("green", showcase.Green);
        WritePerson("yellow", showcase.Yellow);
        WritePerson("red", showcase.Red);
        if ((showcase.Green ?? showcase.Yellow ?? showcase.Red) is not { } shown)
            return;
        string display = $"curl -sw '\\n' -H 'Authorization: Bearer {ResidentToken(shown)}' {address}/v1/me/code";
        output.WriteLine($"\n# A display\n{display}");
        WriteScan(address, display);
        WriteResult(address, showcase.Waiting);
        output.WriteLine(
            "\n# For POST /v1/residents, corrections and imports; operator token: "
                + Mint(Role.Operator, "hotline/demo")
        );
        output.Flush();
    }

    private void WritePerson(string colour, int? index)
    {
        if (index is not { } found)
            return;
        Person person = city.Resident(found);
        output.WriteLine(
            $"\n{colour}: {person.Name}, id number {person.IdNumber.Reveal()}, phone {person.Phone.Reveal()}, "
                + $"resident id {states.KeyOf(found)}\ntoken: {ResidentToken(found)}"
        );
    }

    private void WriteScan(string address, string display)
    {
        string venue = city.Venues().First().VenueId;
        string token = Mint(Role.Device, venue);
        // A code lives 60 s, so the command fetches one first. Base45 needs no escape in JSON or quotes.
        output.WriteLine($"\n# A scan at {venue}; device token: {token}");
        output.WriteLine(
            $$"""CODE=$({{display}} | sed 's/.*"token":"\([^"]*\)".*/\1/'); """
                + $"curl -sw '\\n' -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' "
                + $$"""-d "{\"scanId\":\"demo-$(date +%s)-$$\",\"venueId\":\"{{venue}}\",\"token\":\"$CODE\"}" """
                + $"{address}/v1/scans"
        );
    }

    private void WriteResult(string address, Tube? waiting)
    {
        if (waiting is null)
            return;
        string token = Mint(Role.Lab, waiting.LaboratoryId);
        string testedAt = CityTime.WholeSecond(time.GetUtcNow()).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        output.WriteLine(
            $"\n# A result for a tube of {waiting.Capacity} with {waiting.Members.Count} samples; "
                + $"laboratory token: {token}"
        );
        output.WriteLine(
            $"curl -sw '\\n' -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' "
                + $$"""-d '{"tubeId":"{{waiting.TubeId}}","sequence":1,"method":"rt-pcr","result":"negative","""
                + $"\"testedAt\":\"{testedAt}\"}}' {address}/v1/results"
        );
    }

    private string ResidentToken(int index) => Mint(Role.Resident, $"{states.KeyOf(index)}");

    private string Mint(Role role, string subject) => tokens.Mint(role, subject, TokenLife).Token;
}
