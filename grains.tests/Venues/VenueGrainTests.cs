using Grid.Clients;
using Grid.Codes;
using Grid.Tests.Fixtures;
using Grid.Venues;

namespace Grid.Tests.Venues;

public sealed class VenueGrainTests(GridFixture grid) : GrainTest(grid)
{
    [Fact]
    public async Task A_venue_returns_the_last_stored_value()
    {
        var venue = Grains.GetGrain<IVenueGrain>(NewId("V"));
        Assert.Null(await venue.Get());

        var first = new Venue("Metro", 610113, new VenuePolicy(48, 2, 1 << (int)CodeColour.Green));
        await venue.Put(first, "admin-1");
        Assert.Equal(first, await venue.Get());

        await venue.Put(first with { Policy = first.Policy with { MaxTestAgeHours = 24 } }, "admin-1");
        Assert.Equal(24, (await venue.Get())!.Policy.MaxTestAgeHours);
    }

    [Fact]
    public async Task A_client_signs_in_only_with_its_current_secret()
    {
        var client = Grains.GetGrain<IClientGrain>(NewId("C"));
        Assert.Null(await client.SignIn([1, 2, 3]));

        await client.Put(new ClientRegistration([1, 2, 3], new ClientIdentity("lab", "lab-001")), "admin-1");
        Assert.Equal("lab-001", (await client.SignIn([1, 2, 3]))!.Subject);

        await client.Put(new ClientRegistration([4, 5, 6], new ClientIdentity("lab", "lab-001")), "admin-1");
        Assert.Null(await client.SignIn([1, 2, 3]));
        Assert.NotNull(await client.SignIn([4, 5, 6]));
    }
}
