using Microsoft.Extensions.Logging;

namespace Grid.Silo.Stores;

/// <summary>What the parts of the store take from the host.</summary>
internal sealed record StoreServices(StoreMetrics Metrics, TimeProvider Time, ILogger Log);
