using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Scenarios;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load.Capacity.Traffic;

/// <summary>
/// The participants and their tokens: residents, doors with their venues, a sampling site, a laboratory.
/// </summary>
internal sealed record Crowd
{
    /// <summary>In the order of the demo city's list.</summary>
    public required IReadOnlyList<string> ResidentIds { get; init; }

    public required PackedText ResidentTokens { get; init; }

    public required IReadOnlyList<string> VenueIds { get; init; }

    public required IReadOnlyList<string> DeviceTokens { get; init; }

    public required string AdminToken { get; init; }

    public required string SamplerToken { get; init; }

    public required string LabToken { get; init; }

    /// <summary>Mints the tokens with the keys of the data folder.</summary>
    public static async Task<Crowd> GatherAsync(StageOptions options, TextWriter? log, CancellationToken stop)
    {
        var mint = new TokenMint(options);
        var residents = ResidentList.Read(ResidentList.FileOf(options), options.Residents);
        if (residents.Count < options.Residents)
            log?.WriteLine($"the city has {residents.Count:N0} residents; the run uses those");
        string[] venues = [.. Enumerable.Range(1, options.Venues).Select(i => $"load-{i}")];
        var crowd = new Crowd
        {
            ResidentIds = residents,
            ResidentTokens = new PackedText([.. await mint.ManyAsync("resident", residents, stop)]),
            VenueIds = venues,
            DeviceTokens = await mint.ManyAsync("device", [.. venues.Select(id => $"{id}/door")], stop),
            AdminToken = await mint.OneAsync("admin", "load", stop),
            SamplerToken = await mint.OneAsync("sampler", "site-load", stop),
            LabToken = await mint.OneAsync("lab", "lab-load", stop),
        };
        log?.WriteLine($"{residents.Count:N0} residents and {venues.Length:N0} doors have tokens");
        return crowd;
    }

    public DisplayRequests Displays(string host) => new(host, ResidentTokens);

    public DeviceRequests Devices(string host) => new(host, VenueIds, DeviceTokens);
}
