using System.Collections.Concurrent;
using Grid.Gateway.Hosting;
using Grid.Venues;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Venues;

/// <summary>
/// A cache of venues. Every scan at a metro station reads the same venue: without the cache one silo would answer all
/// of them, and each scan would cost one more call. A change through this gateway applies at once, one through another
/// gateway after <see cref="GatewayOptions.VenueAgeMax"/>.
/// </summary>
internal sealed class VenueBook(IGrainFactory grains, TimeProvider time, IOptions<GatewayOptions> options)
{
    /// <summary>Upper bound of cached venues; one more clears the cache.</summary>
    internal const int MaxCount = 65_536;

    /// <param name="AskedAt">When the grain was called; the answer may be as old as that.</param>
    private sealed record Page(Venue Venue, long AskedAt);

    private readonly ConcurrentDictionary<string, Page> _pages = new(StringComparer.Ordinal);
    private readonly TimeSpan _maxAge = options.Value.VenueAgeMax;

    /// <summary>The venue; null when it is not registered.</summary>
    internal ValueTask<Venue?> FindAsync(string venueId)
    {
        var now = time.GetTimestamp();
        return _pages.TryGetValue(venueId, out var page) && time.GetElapsedTime(page.AskedAt, now) < _maxAge
            ? new(page.Venue)
            : AskAsync(venueId, now);
    }

    /// <summary>Registers or replaces a venue.</summary>
    internal async Task PutAsync(string venueId, Venue venue, string by)
    {
        await grains.GetGrain<IVenueGrain>(venueId).Put(venue, by);
        Keep(venueId, new Page(venue, time.GetTimestamp()));
    }

    private async ValueTask<Venue?> AskAsync(string venueId, long now)
    {
        var venue = await grains.GetGrain<IVenueGrain>(venueId).Get();
        if (venue is not null)
            Keep(venueId, new Page(venue, now));
        return venue;
    }

    // If two answers arrive out of order, keep the one requested later.
    private void Keep(string venueId, Page page)
    {
        if (_pages.Count >= MaxCount && !_pages.ContainsKey(venueId))
            _pages.Clear();
        _pages.AddOrUpdate(venueId, page, (_, kept) => kept.AskedAt > page.AskedAt ? kept : page);
    }
}
