namespace Grid.Tests.Simulation;

/// <summary>Injects faults at times drawn by the seed, then repairs everything.</summary>
internal sealed class Storm(SimWorld world, House house, StormKind kind)
{
    private readonly SimRandom _random = world.Random.Fork(4);
    private readonly TaskCompletionSource _calm = new();

    /// <summary>Completes when the faults are over and repaired.</summary>
    internal Task Calm => _calm.Task;

    /// <summary>The end of the storm.</summary>
    internal long End { get; private set; }

    internal void Begin()
    {
        world.IsStormy = kind != StormKind.None;
        // The first commands need a while before a fault can lose anything.
        End = kind == StormKind.Separations ? _random.Ticks(3_000, 6_000) : _random.Ticks(500, 5_000);
        foreach (var trouble in Enum.GetValues<Trouble>())
        {
            var strikes = kind switch
            {
                StormKind.Everything => _random.Chance(0.5),
                StormKind.Separations => trouble == Trouble.Kill
                    || (trouble is Trouble.Isolate or Trouble.Freeze && _random.Chance(0.15)),
                _ => false,
            };
            if (strikes)
                Repeat(trouble, _random.Ticks(100, 2_000), kind == StormKind.Separations ? End / 5 : 0);
        }

        world.After(End, null, () =>
        {
            world.Log.Say($"the storm is over");
            world.IsStormy = false;
            world.CalmSince = world.Now;
            house.Heal();
            _calm.SetResult();
        });
    }

    private void Repeat(Trouble trouble, long mean, long pause = 0) =>
        world.After(pause + (long)(mean * 2 * _random.Fraction()), null, () =>
        {
            if (world.Now >= End)
                return;
            world.Log.Say($"trouble: {trouble}");
            world.Log.Mark((int)trouble, world.Now);
            house.Strike(trouble, _random);
            Repeat(trouble, mean);
        });
}
