using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Fixtures;

/// <summary>
/// Grains of the engine that this build was made for, in this process. Tests of grains start it and name no engine; what
/// starts the engine is in the other part of this class.
/// </summary>
public sealed partial class GrainFixture : IAsyncDisposable
{
    /// <summary>How long a test waits for anything that should happen.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes references.</summary>
    public IGrainFactory Grains { get; }

    /// <summary>Makes references for callers in the grains' own process: nothing is put into bytes on the way.</summary>
    public IGrainFactory InSilo { get; }

    /// <summary>The store of the grains.</summary>
    public MemoryStorage Storage { get; }

    /// <summary>Waits, and says in what phase nothing came.</summary>
    public static async Task<T> Within<T>(Task<T> task, string phase)
    {
        await Within((Task)task, phase);
        return await task;
    }

    /// <inheritdoc cref="Within{T}(Task{T}, string)"/>
    public static async Task Within(Task task, string phase)
    {
        try
        {
            await task.WaitAsync(s_patience);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Nothing came in phase '{phase}'.");
        }
    }

    /// <summary>Waits until something that raises no event has come about.</summary>
    public static async Task Until(Func<bool> condition, string phase)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > s_patience)
            {
                throw new TimeoutException($"It did not come about in phase '{phase}'.");
            }

            await Task.Yield();
        }
    }

    /// <summary>A grain with a fresh key.</summary>
    public T Fresh<T>()
        where T : IGrainWithGuidKey => Grains.GetGrain<T>(Guid.NewGuid());

    /// <summary>What a test asks of the engine.</summary>
    public sealed class Setup
    {
        internal static readonly TimeSpan DefaultResponseTimeout = TimeSpan.FromSeconds(30);
        internal static readonly TimeSpan DefaultCollectionAge = TimeSpan.FromHours(2);

        /// <summary>Further services.</summary>
        public Action<IServiceCollection> Services { get; set; } = static _ => { };

        /// <summary>How long a caller waits.</summary>
        public TimeSpan ResponseTimeout { get; set; } = DefaultResponseTimeout;

        /// <summary>How long an activation stays without a call.</summary>
        public TimeSpan CollectionAge { get; set; } = DefaultCollectionAge;

        /// <summary>How many calls may wait at an activation.</summary>
        public int MaxWaitingCalls { get; set; } = 10_000;

        /// <summary>Managed bytes from which on idle activations are dropped; 0 = none.</summary>
        public long MemoryLimitBytes { get; set; }
    }
}
