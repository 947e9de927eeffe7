using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Grid.Engine.Hosting;
using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

public sealed class MetricsTests
{
    [Fact]
    public async Task The_engine_counts_activations_turns_waits_timeouts_and_refusals()
    {
        await using var silo = await StartAsync(setup => setup.MaxWaitingCalls = 1);
        var figures = new ConcurrentDictionary<string, double>();
        using var listener = Listen(silo, figures);
        var grain = silo.Fresh<ITurnGrain>();
        await Within(grain.WriteAtOnce().AsTask(), "first call");
        await grain.WriteAtOnce();
        var gate = Gates.New();
        var inside = grain.WriteBriefly(gate);
        await Within(Gates.Came(gate), "inside");
        var waiting = grain.CountSlowly();
        await Assert.ThrowsAsync<GrainOverloadedException>(() => Within(grain.CountSlowly(), "refusal"));
        silo.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(() => Within(inside, "time-out"));
        Gates.Open(gate);
        await Within(waiting, "waiting call");
        listener.RecordObservableInstruments();

        Assert.Equal(1, figures["grid.engine.activations.created"]);
        Assert.Equal(1, figures["grid.engine.activations"]);
        Assert.Equal(4, figures["grid.engine.turns"]);
        Assert.Equal(1, figures["grid.engine.timeouts"]);
        Assert.Equal(1, figures["grid.engine.rejections"]);
        Assert.Equal(5, figures["grid.engine.queue.wait"], tolerance: 0.5);
    }

    private static MeterListener Listen(GrainFixture silo, ConcurrentDictionary<string, double> figures)
    {
        var scope = silo.MeterFactory;
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, scope) && instrument.Meter.Name == "Grid.Engine")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Add(Instrument instrument, double value) => figures.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        listener.Start();
        return listener;
    }
}
