namespace Grid.Bench.Load.Capacity.Sizing;

/// <summary>What was measured with so many silos at the highest rate that held.</summary>
/// <param name="Rate">Requests a second.</param>
/// <param name="SiloCores">CPU of all silos together.</param>
/// <param name="GatewayCores">CPU of the gateways.</param>
/// <param name="RowsPerRequest">Rows written for a request.</param>
internal sealed record Measured(int Silos, double Rate, double SiloCores, double GatewayCores, double RowsPerRequest)
{
    public double SiloMicroseconds => SiloCores * 1e6 / Rate;

    public double GatewayMicroseconds => GatewayCores * 1e6 / Rate;
}

/// <summary>
/// CPU a request as a function of the number of silos. A request costs a silo <c>a</c> wherever it is, and what one grain
/// asks of another costs <c>b</c> more when the other lives elsewhere, which of N silos happens (N - 1)/N of the time:
/// <c>c(N) = a + b (1 - 1/N)</c>. Fitted by least squares; b is never less than 0.
/// </summary>
/// <param name="BaseMicroseconds">a</param>
/// <param name="RemoteMicroseconds">b</param>
/// <param name="CoresUsed">Of the cores that a silo may use, the part that it used when the rate was the highest that held.</param>
internal sealed record SizingModel(double BaseMicroseconds, double RemoteMicroseconds, double CoresUsed)
{
    /// <summary>CPU of the silos for a request.</summary>
    public double SiloMicroseconds(int silos) => BaseMicroseconds + RemoteMicroseconds * (1 - 1.0 / silos);

    /// <summary>The highest rate of so many silos with so many cores each.</summary>
    public double Rate(int silos, double coresOfSilo) =>
        silos * coresOfSilo * CoresUsed * 1e6 / SiloMicroseconds(silos);

    /// <param name="points">At least one.</param>
    /// <param name="coresOfSilo">What each silo was held to.</param>
    public static SizingModel Fit(IReadOnlyList<Measured> points, double coresOfSilo)
    {
        if (points.Count == 0)
            throw new ArgumentException("A model needs a measured point.", nameof(points));
        var used = points.Average(point => point.SiloCores / (point.Silos * coresOfSilo));
        var (meanX, meanY) = (points.Average(Remote), points.Average(point => point.SiloMicroseconds));
        var spread = points.Sum(point => (Remote(point) - meanX) * (Remote(point) - meanX));
        var slope =
            spread < 1e-9
                ? 0
                : points.Sum(point => (Remote(point) - meanX) * (point.SiloMicroseconds - meanY)) / spread;
        slope = Math.Max(0, slope);
        return new SizingModel(meanY - slope * meanX, slope, used);
    }

    private static double Remote(Measured point) => 1 - 1.0 / point.Silos;
}

/// <summary>What a model of fewer silos said, and what was measured.</summary>
internal sealed record Prediction(int Silos, IReadOnlyList<int> From, double Predicted, double MeasuredRate)
{
    public double Error => Predicted / MeasuredRate - 1;

    /// <summary>Each measured number of silos, predicted from all smaller ones.</summary>
    public static IReadOnlyList<Prediction> Of(IReadOnlyList<Measured> points, double coresOfSilo)
    {
        var sorted = points.OrderBy(point => point.Silos).ToArray();
        var predictions = new List<Prediction>();
        for (var i = 1; i < sorted.Length; i++)
        {
            var model = SizingModel.Fit(sorted[..i], coresOfSilo);
            predictions.Add(
                new Prediction(
                    sorted[i].Silos,
                    [.. sorted[..i].Select(point => point.Silos)],
                    model.Rate(sorted[i].Silos, coresOfSilo),
                    sorted[i].Rate
                )
            );
        }
        return predictions;
    }
}
