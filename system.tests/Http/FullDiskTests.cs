using System.Net;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

public sealed class FullDiskTests
{
    [SmallDiskFact]
    public async Task A_restart_on_a_full_disk_shows_codes_refuses_scans_and_goes_on_when_there_is_room()
    {
        using var disk = new SmallDisk(mebibytes: 24);
        var data = Path.Combine(disk.Path, "grid");
        await using var grid = new GridHost { Data = data };
        await grid.StartAsync();
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { });
        await grid.StopAsync();
        disk.Fill();

        await grid.StartAsync();
        var scanId = Guid.NewGuid();
        var code = await grid.CodeAsync(resident);
        var refused = await Scan(grid, venueId, scanId, code);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "store-unavailable"), (refused.Status, refused.Code));
        var ready = await grid.CallAsync(HttpMethod.Get, "/readyz?verbose", null);
        Assert.Equal(HttpStatusCode.OK, ready.Status);
        Assert.Contains("full (store-full)", ready.Text, StringComparison.Ordinal);
        disk.Empty();
        // Repeated like a door does: the same id goes to the same file.
        Assert.Equal(HttpStatusCode.OK, (await Scan(grid, venueId, scanId, code)).Status);
        ready = await grid.CallAsync(HttpMethod.Get, "/readyz?verbose", null);
        Assert.Contains("store: ready", ready.Text, StringComparison.Ordinal);
    }

    private static Task<Answer> Scan(GridHost grid, string venueId, Guid scanId, string token) =>
        grid.CallAsync(
            HttpMethod.Post,
            "/v1/scans",
            grid.Token(Role.Device, $"{venueId}/door-1"),
            new
            {
                scanId,
                venueId,
                token,
            }
        );
}
