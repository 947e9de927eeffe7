using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Grid.Gateway.Demo;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Demo;

public sealed class DemoCommandTests(DemoGateway gateway) : IClassFixture<DemoGateway>
{
    private readonly HttpClient _http = new() { BaseAddress = gateway.Address };

    [Fact]
    public async Task The_lists_name_residents_and_venues_that_are_there()
    {
        string[] residents = await File.ReadAllLinesAsync(Path.Combine(gateway.DataFolder, "demo", "residents.csv"));
        Assert.Equal(DemoGateway.Residents, residents.Distinct().Count());
        foreach (int index in new[] { 0, 1_000, DemoGateway.Residents - 1 })
        {
            Assert.Equal($"{gateway.States.KeyOf(index)}", residents[index]);
            using var display = await DisplayAsync(gateway.TokenOf(Role.Resident, residents[index]));
            Assert.Equal(gateway.City.Resident(index).Name[0], display.RootElement.GetProperty("name").GetString()![0]);
        }

        string[] venues = await File.ReadAllLinesAsync(Path.Combine(gateway.DataFolder, "demo", "venues.csv"));
        Assert.Equal(gateway.City.Venues().Select(v => v.VenueId), venues);
    }

    [Fact]
    public async Task There_is_a_resident_of_each_colour()
    {
        (int? Index, string Colour)[] expected =
            [(gateway.Showcase.Green, "green"), (gateway.Showcase.Yellow, "yellow"), (gateway.Showcase.Red, "red")];
        foreach (var (index, colour) in expected)
        {
            using var display = await DisplayAsync(gateway.TokenOf(index!.Value));
            Assert.Equal(colour, display.RootElement.GetProperty("colour").GetString());
        }
    }

    [Fact]
    public async Task A_scan_is_admitted_and_a_waiting_tube_takes_its_result()
    {
        using var display = await DisplayAsync(gateway.TokenOf(gateway.Showcase.Green!.Value));
        string venue = gateway.City.Venues().First().VenueId;
        using var scan = await PostAsync("/v1/scans", gateway.TokenOf(Role.Device, venue), new
        {
            scanId = "scan-1",
            venueId = venue,
            token = display.RootElement.GetProperty("token").GetString(),
        });
        Assert.True(scan.RootElement.GetProperty("admit").GetBoolean(), $"{scan.RootElement}");

        Tube tube = gateway.Showcase.Waiting!;
        using var result = await PostAsync("/v1/results", gateway.TokenOf(Role.Lab, tube.LaboratoryId), new
        {
            tubeId = tube.TubeId,
            sequence = 1,
            method = "rt-pcr",
            result = "negative",
            testedAt = TimeProvider.System.GetUtcNow(),
        });
        Assert.Equal("applied", result.RootElement.GetProperty("state").GetString());
        using var after = await DisplayAsync(gateway.TokenOf(tube.Members[0]));
        Assert.Equal("negative", after.RootElement.GetProperty("test").GetProperty("result").GetString());
    }

    private async Task<JsonDocument> DisplayAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/me/code");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await SendAsync(request);
    }

    private async Task<JsonDocument> PostAsync(string path, string token, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await SendAsync(request);
    }

    private async Task<JsonDocument> SendAsync(HttpRequestMessage request)
    {
        using var answer = await _http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text);
    }
}
