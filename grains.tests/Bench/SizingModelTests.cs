using Grid.Bench.Load.Capacity.Sizing;

namespace Grid.Tests.Bench;

public sealed class SizingModelTests
{
    private const double Slice = 0.1;

    [Fact]
    public void The_model_finds_the_costs_behind_the_points()
    {
        var model = SizingModel.Fit([Point(1, 6, 2), Point(2, 6, 2), Point(4, 6, 2)], Slice);

        Assert.Equal(6, model.BaseMicroseconds, 6);
        Assert.Equal(2, model.RemoteMicroseconds, 6);
        Assert.Equal(0.95, model.CoresUsed, 6);
    }

    [Fact]
    public void Four_silos_are_predicted_from_one_and_two()
    {
        var points = new[] { Point(1, 6, 2), Point(2, 6, 2), Point(4, 6, 2) };

        var predictions = Prediction.Of(points, Slice);

        Assert.Equal([2, 4], predictions.Select(prediction => prediction.Silos));
        Assert.Equal([1, 2], predictions[1].From);
        Assert.Equal(points[2].Rate, predictions[1].Predicted, 3);
        Assert.Equal(0, predictions[1].Error, 6);
        // One silo alone shows no calls between silos: the prediction is too high, and the error tells by how much.
        Assert.True(predictions[0].Error > 0.1);
    }

    [Fact]
    public void A_negative_cost_of_remote_calls_is_not_extrapolated()
    {
        var model = SizingModel.Fit([Point(1, 8, -2), Point(2, 8, -2)], Slice);

        Assert.Equal(0, model.RemoteMicroseconds);
        Assert.Equal(7.5, model.BaseMicroseconds, 6);
    }

    [Fact]
    public void A_city_is_sized_for_cpu_memory_and_the_loss_of_one_silo()
    {
        var needs = new CityNeeds(
            12_950_000,
            40_000,
            Headroom: 0.3,
            SiloCores: 1,
            SiloMemoryBytes: 4e9,
            GatewayCores: 2,
            BytesPerResident: 600,
            RowsPerDatabase: 10_000
        );
        var model = new SizingModel(BaseMicroseconds: 20, RemoteMicroseconds: 10, CoresUsed: 0.9);

        var size = CitySize.Of(needs, model, gatewayMicroseconds: 50, rowsPerRequest: 0.5);

        // CPU: 40,000 x 26.7 us = 1.07 cores, at 0.7 a silo: 2. Memory: 12.95 M x 600 B = 7.8 GB, at 4 GB a silo: 2.
        // Loss: one of two silos left holds 0.8 cores of load with 0.9: 2.
        Assert.Equal((2, 2, 2), (size.SilosForCpu, size.SilosForMemory, size.SilosForLoss));
        Assert.Equal(2, size.Silos);
        // At twice the rate 2 cores are needed after a loss: 1.8 of two silos are too few, 2.7 of three suffice.
        Assert.Equal(4, CitySize.Of(needs with { RequestsPerSecond = 80_000 }, model, 50, 0.5).SilosForLoss);
        // 2 cores at 1.4 a gateway; 20,000 rows at 7,000 a database.
        Assert.Equal((2, 3), (size.Gateways, size.Databases));
    }

    [Fact]
    public void Slices_leave_room_for_gateway_and_client_at_the_largest_cluster()
    {
        var slice = SliceSize.Of(silos: 4, siloMicroseconds: 6, restMicroseconds: 18, idleCores: 0.1, machineCores: 2);

        var rate = 4 * slice / 6e-6;
        Assert.InRange(4 * slice + rate * 18e-6 + 0.1, 1.55, 1.65);
        Assert.Equal(SliceSize.MaxCores, SliceSize.Of(1, 10, 1, 0, 64));
        Assert.Equal(SliceSize.MinCores, SliceSize.Of(32, 1, 100, 1.9, 2));
    }

    // A silo uses 95 % of its slice at the highest rate; a request costs a + b (1 - 1/N).
    private static Measured Point(int silos, double a, double b)
    {
        var microseconds = a + b * (1 - 1.0 / silos);
        var cores = silos * Slice * 0.95;
        return new Measured(silos, cores * 1e6 / microseconds, cores, 0.5, 0.5);
    }
}
