namespace Grid.Bench.Baselines.Bare;

/// <summary>
/// A grain that returns an answer of a display's size and does nothing else: the minimum cost of a call.
/// </summary>
internal interface IBareGrain : IGrainWithGuidKey
{
    /// <summary>Returns the answer's bytes. Interleaves, like a display.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<Immutable<byte[]>> Show();
}

/// <inheritdoc cref="IBareGrain"/>
[GrainType("bare")]
internal sealed class BareGrain : Grain, IBareGrain
{
    private static readonly Immutable<byte[]> Answer = new(
        (
            "{\"residentId\":\"7d21d5f2-55a6-4f24-8c2f-2e5d7b1d4a60\",\"name\":\"张*\",\"colour\":\"green\","u8
            + "\"asOf\":\"2022-01-04T09:00:00.123Z\","u8
            + "\"validUntil\":\"2022-01-04T09:01:00.123Z\",\"refreshAfterSeconds\":47,"u8
            + "\"token\":\"HK1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDEXWK G2EP4J0BGJLFX3R3VHXK.PJ:\","u8
            + "\"test\":{\"result\":\"negative\",\"collectedAt\":\"2022-01-03T20:00:00Z\","u8
            + "\"ageHours\":13,\"state\":\"resulted\"},"u8
            + "\"vaccination\":{\"doses\":3,\"lastAt\":\"2021-11-20T00:00:00Z\"},\"causes\":[]}"u8
        ).ToArray()
    );

    /// <inheritdoc/>
    public ValueTask<Immutable<byte[]>> Show() => new(Answer);
}
