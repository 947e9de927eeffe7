using Grid.Gateway.Hosting;
using Grid.Gateway.Venues;
using Grid.Tests.Fixtures;
using Grid.Venues;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grid.Tests.Http;

public sealed class VenueBookTests(GridHost grid) : IClassFixture<GridHost>
{
    private static readonly Venue Strict = new("钟楼", 610102, new VenuePolicy(48, 0, 1));
    private static readonly Venue Lenient = new("钟楼", 610102, new VenuePolicy(null, 0, 1));

    private readonly TestClock _clock = new();
    private readonly string _venueId = $"venue-{Guid.NewGuid():N}";

    private IGrainFactory Grains => grid.Services.GetRequiredService<IGrainFactory>();

    [Fact]
    public async Task A_policy_changed_through_another_gateway_takes_effect_a_second_later()
    {
        var (ours, theirs) = (NewBook(), NewBook());
        await ours.PutAsync(_venueId, Strict, "admin-1");

        await theirs.PutAsync(_venueId, Lenient, "admin-1");
        Assert.Equal(Strict, await ours.FindAsync(_venueId));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Lenient, await ours.FindAsync(_venueId));
    }

    [Fact]
    public async Task A_policy_changed_through_this_gateway_takes_effect_at_once()
    {
        var book = NewBook();
        await book.PutAsync(_venueId, Strict, "admin-1");
        Assert.Equal(Strict, await book.FindAsync(_venueId));

        await book.PutAsync(_venueId, Lenient, "admin-1");

        Assert.Equal(Lenient, await book.FindAsync(_venueId));
    }

    [Fact]
    public async Task An_unknown_venue_is_found_once_any_gateway_registers_it()
    {
        var (ours, theirs) = (NewBook(), NewBook());
        Assert.Null(await ours.FindAsync(_venueId));

        await theirs.PutAsync(_venueId, Strict, "admin-1");

        Assert.Equal(Strict, await ours.FindAsync(_venueId));
    }

    [Fact]
    public async Task With_a_maximum_age_of_zero_every_scan_reads_the_venue()
    {
        var (ours, theirs) = (NewBook(TimeSpan.Zero), NewBook());
        await ours.PutAsync(_venueId, Strict, "admin-1");

        await theirs.PutAsync(_venueId, Lenient, "admin-1");

        Assert.Equal(Lenient, await ours.FindAsync(_venueId));
    }

    private VenueBook NewBook(TimeSpan? maxAge = null) =>
        new(
            Grains,
            _clock,
            Options.Create(maxAge is { } age ? new GatewayOptions { VenueAgeMax = age } : new GatewayOptions())
        );
}
