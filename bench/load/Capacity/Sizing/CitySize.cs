namespace Grid.Bench.Load.Capacity.Sizing;

/// <summary>The city to be served, and the machines available.</summary>
/// <param name="Residents">All of them hot in the silos' memory.</param>
/// <param name="RequestsPerSecond">The peak, of the measured mix.</param>
/// <param name="Headroom">The part of every CPU that stays free at the peak, 0 … 0.9.</param>
/// <param name="SiloCores">Cores of a silo's machine.</param>
/// <param name="SiloMemoryBytes">Memory of a silo for residents.</param>
/// <param name="GatewayCores">Cores of a gateway's machine.</param>
/// <param name="BytesPerResident">Memory of a hot resident, overhead included.</param>
/// <param name="RowsPerDatabase">Rows a second that one database commits durably.</param>
internal sealed record CityNeeds(
    long Residents,
    double RequestsPerSecond,
    double Headroom,
    double SiloCores,
    double SiloMemoryBytes,
    double GatewayCores,
    double BytesPerResident,
    double RowsPerDatabase
)
{
    /// <summary>
    /// 12.95 M residents and 40 k requests/s at their peak; machines of 4 cores and 16 GB, half of it for residents;
    /// 2,000 bytes is the target for a hot resident; 20,000 rows/s is what one PostgreSQL commits on a few cores.
    /// </summary>
    public static readonly CityNeeds Default = new(12_950_000, 40_000, 0.3, 4, 8e9, 4, 2_000, 20_000);
}

/// <summary>The number of machines of each kind, and the reason.</summary>
/// <param name="SilosForCpu">By CPU, with the headroom.</param>
/// <param name="SilosForMemory">By the residents' memory.</param>
/// <param name="SilosForLoss">So that the others hold the peak, without headroom, after the loss of one.</param>
internal sealed record CitySize(
    int Silos,
    int Gateways,
    int Databases,
    int SilosForCpu,
    int SilosForMemory,
    int SilosForLoss,
    double RowsPerSecond
)
{
    private const int MaxSilos = 1_000;

    /// <summary>Computes the machines that a city needs.</summary>
    /// <param name="gatewayMicroseconds">CPU of a gateway for a request.</param>
    /// <param name="rowsPerRequest">Rows written for a request.</param>
    public static CitySize Of(CityNeeds needs, SizingModel model, double gatewayMicroseconds, double rowsPerRequest)
    {
        var forCpu = Least(n =>
            n * needs.SiloCores * (1 - needs.Headroom) * 1e6 >= needs.RequestsPerSecond * model.SiloMicroseconds(n)
        );
        var forLoss = Least(n =>
            n > 1
            && (n - 1) * needs.SiloCores * 1e6 * model.CoresUsed
                >= needs.RequestsPerSecond * model.SiloMicroseconds(n - 1)
        );
        var forMemory = (int)Math.Ceiling(needs.Residents * needs.BytesPerResident / needs.SiloMemoryBytes);
        // At least two gateways: one may fail.
        var gateways = Math.Max(
            2,
            (int)
                Math.Ceiling(
                    needs.RequestsPerSecond * gatewayMicroseconds / 1e6 / (needs.GatewayCores * (1 - needs.Headroom))
                )
        );
        var rows = needs.RequestsPerSecond * rowsPerRequest;
        var databases = Math.Max(1, (int)Math.Ceiling(rows / (needs.RowsPerDatabase * (1 - needs.Headroom))));
        return new CitySize(
            Math.Max(forCpu, Math.Max(forMemory, forLoss)),
            gateways,
            databases,
            forCpu,
            forMemory,
            forLoss,
            rows
        );
    }

    private static int Least(Func<int, bool> suffices)
    {
        var silos = 1;
        while (silos < MaxSilos && !suffices(silos))
            silos++;
        return silos;
    }
}
