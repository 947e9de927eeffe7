namespace Grid.Bench.Load.Capacity.Sizing;

/// <summary>A measurement at the highest rate that held.</summary>
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
/// CPU of a request as a function of the number of silos. Each request costs <c>a</c>; a call between grains costs
/// <c>b</c> more if the other grain is on another silo, which has the probability (N - 1)/N with N silos: <c>c(N) = a +
/// b (1 - 1/N)</c>. Fitted by least squares; b is at least 0.
/// </summary>
/// <param name="BaseMicroseconds">a</param>
/// <param name="RemoteMicroseconds">b</param>
/// <param name="CoresUsed">The part of a silo's cores that it used at the highest rate that held.</param>
internal sealed record SizingModel(double BaseMicroseconds, double RemoteMicroseconds, double CoresUsed)
{
    /// <summary>CPU of the silos for a request.</summary>
    public double SiloMicroseconds(int silos) => BaseMicroseconds + RemoteMicroseconds * (1 - 1.0 / silos);

    /// <summary>The highest rate of this number of silos with this number of cores each.</summary>
    public double Rate(int silos, double coresOfSilo) =>
        silos * coresOfSilo * CoresUsed * 1e6 / SiloMicroseconds(silos);

    /// <param name="points">At least one.</param>
    /// <param name="coresOfSilo">The slice of each silo.</param>
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

/// <summary>The prediction of a model fitted to fewer silos, and the measurement.</summary>
internal sealed record Prediction(int Silos, IReadOnlyList<int> From, double Predicted, double MeasuredRate)
{
    public double Error => Predicted / MeasuredRate - 1;

    /// <summary>Predicts each measured number of silos from all smaller ones.</summary>
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
