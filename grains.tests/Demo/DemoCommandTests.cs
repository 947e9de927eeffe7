using System.Text.Json;
using Grid.Commands.Demo;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Demo;

[Collection(DemoCollection.Name)]
public sealed class DemoCommandTests(DemoGrid grid)
{
    [Fact]
    public async Task The_lists_name_existing_residents_and_venues()
    {
        string[] residents = await File.ReadAllLinesAsync(Path.Combine(grid.Data, "demo", "residents.csv"));
        Assert.Equal(DemoGrid.Residents, residents.Distinct().Count());
        foreach (int index in new[] { 0, 1_000, DemoGrid.Residents - 1 })
        {
            Assert.Equal($"{grid.States.KeyOf(index)}", residents[index]);
            var display = await grid.DisplayAsync(grid.Token(Role.Resident, residents[index]));
            Assert.Equal(grid.City.Resident(index).Name[0], display.Name![0]);
        }

        string[] venues = await File.ReadAllLinesAsync(Path.Combine(grid.Data, "demo", "venues.csv"));
        Assert.Equal(grid.City.Venues().Select(v => v.VenueId), venues);
    }

    [Fact]
    public async Task There_is_a_resident_of_each_colour()
    {
        (int? Index, string Colour)[] expected =
        [
            (grid.Showcase.Green, "green"),
            (grid.Showcase.Yellow, "yellow"),
            (grid.Showcase.Red, "red"),
        ];
        foreach (var (index, colour) in expected)
        {
            var display = await grid.DisplayAsync(grid.TokenOf(index!.Value));
            Assert.Equal(colour, display.Colour);
        }
    }

    [Fact]
    public async Task A_scan_is_admitted_and_a_waiting_tube_takes_its_result()
    {
        var display = await grid.DisplayAsync(grid.TokenOf(grid.Showcase.Green!.Value));
        string venue = grid.City.Venues().First().VenueId;
        var scan = await grid.Client.ScanAsync(venue, "scan-1", display.Token!);
        Assert.True(scan.Value.Admit, scan.Text);

        Tube tube = grid.Showcase.Waiting!;
        var result = await grid.Client.ResultAsync(
            tube.TubeId,
            1,
            "negative",
            TimeProvider.System.GetUtcNow(),
            tube.LaboratoryId
        );
        Assert.Equal("applied", result.Value.State);
        var after = await grid.DisplayAsync(grid.TokenOf(tube.Members[0]));
        Assert.Equal("negative", after.Test.Result);
    }
}
