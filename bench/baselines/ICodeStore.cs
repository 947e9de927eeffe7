namespace Grid.Bench.Baselines;

/// <summary>A database used the plain way: one row read for a display, one row written for a scan.</summary>
internal interface ICodeStore : IAsyncDisposable
{
    /// <summary>Makes the tables and fills in residents; what is there already stays.</summary>
    Task PrepareAsync(int residents, CancellationToken cancel);

    /// <summary>The stored display of a resident as JSON, null when there is none.</summary>
    ValueTask<byte[]?> DisplayAsync(Guid residentId, CancellationToken cancel);

    /// <summary>Writes a visit; false when the scan id is taken. Durable when it returns.</summary>
    ValueTask<bool> RecordAsync(Visit visit, CancellationToken cancel);
}

internal readonly record struct Visit(Guid ScanId, string VenueId, string Token, DateTimeOffset At);

internal static class DisplaySample
{
    /// <summary>A display of the usual 500 bytes.</summary>
    public static string Json(Guid residentId) =>
        $$"""
        {"residentId":"{{residentId}}","name":"张*","colour":"green","asOf":"2022-01-04T09:00:00Z","validUntil":"2022-01-04T09:01:00Z","refreshAfterSeconds":47,"token":"HK1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDEXWK G2EP4J0BGJLFX3R3VHXK.PJ:2DPF6R:5SVBHABVCNN95SWMPHQUHQN%A0","test":{"result":"negative","collectedAt":"2022-01-03T20:00:00Z","ageHours":13,"state":"resulted"},"vaccination":{"doses":3,"lastAt":"2021-11-20T00:00:00Z"},"causes":[]}
        """;
}
