using System.Collections.Concurrent;
using Grid.Gateway.Hosting;
using Grid.Venues;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Venues;

/// <summary>
/// Venues as this gateway last read them. A metro station is asked for by every scan at its doors: without the book one silo
/// would answer all of them, and each scan would cost a call more. A change made through this gateway counts at once, one made
/// through another after <see cref="GatewayOptions.VenueAgeMax"/>.
/// </summary>
internal sealed class VenueBook(IGrainFactory grains, TimeProvider time, IOptions<GatewayOptions> options)
{
    /// <summary>Venues that are kept at the most; with one more the book begins anew.</summary>
    internal const int MaxCount = 65_536;

    /// <param name="AskedAt">When its grain was asked: what it said may be as old as that.</param>
    private sealed record Page(Venue Venue, long AskedAt);

    private readonly ConcurrentDictionary<string, Page> _pages = new(StringComparer.Ordinal);
    private readonly TimeSpan _maxAge = options.Value.VenueAgeMax;

    /// <summary>The venue, or null when there is none.</summary>
    internal ValueTask<Venue?> FindAsync(string venueId)
    {
        var now = time.GetTimestamp();
        return _pages.TryGetValue(venueId, out var page) && time.GetElapsedTime(page.AskedAt, now) < _maxAge
            ? new(page.Venue)
            : AskAsync(venueId, now);
    }

    /// <summary>Registers a venue, or replaces what is registered.</summary>
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

    // Of two answers that come the wrong way round the one that was asked for later stands.
    private void Keep(string venueId, Page page)
    {
        if (_pages.Count >= MaxCount && !_pages.ContainsKey(venueId))
            _pages.Clear();
        _pages.AddOrUpdate(venueId, page, (_, kept) => kept.AskedAt > page.AskedAt ? kept : page);
    }
}
