using Microsoft.Extensions.DependencyInjection;

namespace Grid.Engine.Runtime;

/// <summary>Resolves the constructor parameters of a grain class, once for each engine and not for each activation.</summary>
public sealed class GrainServices
{
    private const string DefaultStorageName = "Default";

    private readonly IServiceProvider _services;
    private readonly string _grain;

    internal GrainServices(IServiceProvider services, string grain)
    {
        _services = services;
        _grain = grain;
    }

    /// <summary>A service that must be there.</summary>
    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>A keyed service that must be there.</summary>
    public T GetKeyed<T>(object? key)
        where T : notnull => _services.GetRequiredKeyedService<T>(key);

    /// <summary>A service, or the parameter's default.</summary>
    public T GetOr<T>(T otherwise) => _services.GetService<T>() ?? otherwise;

    /// <summary>What is common to all states of one constructor parameter.</summary>
    public StateSlot<T> State<T>(string stateName, string? storageName, Func<T> create)
    {
        var storage = storageName is null
            ? _services.GetService<IGrainStorage>() ?? _services.GetKeyedService<IGrainStorage>(DefaultStorageName)
            : _services.GetKeyedService<IGrainStorage>(storageName);
        return new StateSlot<T>(
            stateName,
            storage ?? throw new InvalidOperationException(
                $"Grain '{_grain}' keeps '{stateName}' in the storage '{storageName ?? DefaultStorageName}', which is not registered."),
            create);
    }
}
