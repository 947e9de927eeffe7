#pragma warning disable CA1040
namespace Grid.Engine;

public interface IGrain;
public interface IGrainWithGuidKey : IGrain;
public interface IGrainWithStringKey : IGrain;
public interface IGrainContext;
public abstract class Grain
{
    protected IGrainFactory GrainFactory => throw new NotImplementedException();
    public IGrainContext GrainContext => throw new NotImplementedException();
    protected void DeactivateOnIdle() => throw new NotImplementedException();
    protected void DelayDeactivation(TimeSpan timeSpan) => throw new NotImplementedException();
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
public interface IGrainFactory
{
    T GetGrain<T>(Guid primaryKey, string? grainClassNamePrefix = null) where T : IGrainWithGuidKey;
    T GetGrain<T>(string primaryKey, string? grainClassNamePrefix = null) where T : IGrainWithStringKey;
    T GetGrain<T>(GrainId grainId) where T : IGrain;
}
public interface IStorage
{
    string? Etag { get; }
    bool RecordExists { get; }
    Task ClearStateAsync();
    Task WriteStateAsync();
    Task ReadStateAsync();
    Task ClearStateAsync(CancellationToken cancellationToken);
    Task WriteStateAsync(CancellationToken cancellationToken);
    Task ReadStateAsync(CancellationToken cancellationToken);
}
public interface IStorage<T> : IStorage { T State { get; set; } }
public interface IPersistentState<T> : IStorage<T>;
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
{
    public string StateName => stateName;
    public string? StorageName => storageName;
}
public interface IGrainState<T> { T State { get; set; } string? ETag { get; set; } bool RecordExists { get; set; } }
public interface IGrainStorage
{
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
}
public class InconsistentStateException(string message, string? storedEtag, string? currentEtag) : Exception(message)
{
    public string? StoredEtag => storedEtag;
    public string? CurrentEtag => currentEtag;
}
public readonly record struct GrainId(string Type, string Key) { public static GrainId Create(string type, string key) => new(type, key); }
public interface IGrainTimer : IDisposable { void Change(TimeSpan dueTime, TimeSpan period); }
public struct GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
{
    public TimeSpan DueTime { get; set; } = dueTime;
    public TimeSpan Period { get; set; } = period;
}
public static class GrainExtensions
{
    public static Guid GetPrimaryKey(this Grain grain) => throw new NotImplementedException();
    public static string GetPrimaryKeyString(this Grain grain) => throw new NotImplementedException();
    public static IGrainTimer RegisterGrainTimer<TState>(this Grain grain, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options) => throw new NotImplementedException();
}
public sealed class GenerateSerializerAttribute : Attribute;
public sealed class ImmutableAttribute : Attribute;
public sealed class IdAttribute(uint id) : Attribute { public uint Id => id; }
public sealed class AliasAttribute(string alias) : Attribute { public string Alias => alias; }
public sealed class GrainTypeAttribute(string grainType) : Attribute { public string GrainType => grainType; }
public sealed class ReadOnlyAttribute : Attribute;
public sealed class AlwaysInterleaveAttribute : Attribute;
public sealed class KeepAliveAttribute : Attribute;
