using Microsoft.Extensions.Logging;

namespace Grid.Silo.Stores;

/// <summary>Services that the store takes from the host.</summary>
internal sealed record StoreServices(StoreMetrics Metrics, TimeProvider Time, ILogger Log);
