using System.Collections.Frozen;
using System.Reflection;
using Grid.Engine.Wire;

namespace Grid.Engine.Runtime;

/// <summary>The grain types and interfaces of an engine, read from the manifests that the generator wrote.</summary>
internal sealed class GrainCatalog(GrainEngine engine, IIncomingGrainCallFilter[] filters) : IGrainManifestTarget
{
    private static int s_interfaces;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, GrainHost> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, ProxyFactory> _proxies = [];
    private readonly Dictionary<uint, GrainHost> _byId = [];
    private bool _filled;
    private Entry?[] _entries = [];

    internal IReadOnlyCollection<GrainHost> Hosts
    {
        get
        {
            EnsureFilled();
            return _hosts.Values;
        }
    }

    public void AddInterface(ProxyFactory proxies) => _proxies[proxies.InterfaceType] = proxies;

    public void AddGrain(GrainClass grain)
    {
        var host = new GrainHost(engine, grain, filters, engine.Options.MaxWaitingCalls);
        if (!_hosts.TryAdd(grain.TypeName, host))
        {
            throw new InvalidOperationException(
                $"Two grain classes, {_hosts[grain.TypeName].Class.Class} and {grain.Class}, have the type name '{grain.TypeName}'.");
        }

        if (!_byId.TryAdd(GrainTypeIds.Of(grain.TypeName), host))
        {
            throw new InvalidOperationException(
                $"The type names '{grain.TypeName}' and '{_byId[GrainTypeIds.Of(grain.TypeName)].Type}' have the same id between silos: rename one.");
        }
    }

    internal GrainHost HostOf(GrainType type)
    {
        EnsureFilled();
        return _hosts.TryGetValue(type.ToString(), out var host)
            ? host
            : throw new ArgumentException($"No grain class has the type name '{type}'.", nameof(type));
    }

    /// <summary>The host of the type with this id between silos.</summary>
    internal GrainHost? Find(uint typeId)
    {
        EnsureFilled();
        return _byId.GetValueOrDefault(typeId);
    }

    /// <summary>All methods that another silo may call.</summary>
    internal FrozenDictionary<uint, GrainHost.InboundMethod> InboundMethodsOf(GrainHost host)
    {
        var methods = new Dictionary<uint, GrainHost.InboundMethod>();
        foreach (var type in host.Class.Interfaces)
        {
            foreach (var method in _proxies[type].Methods)
            {
                // Two interfaces may inherit the same method: either way in is the same.
                if (!methods.TryAdd(method.Id, new(method, _proxies[type])) && methods[method.Id].Method.ToString() != method.ToString())
                {
                    throw new InvalidOperationException(
                        $"{method} and {methods[method.Id].Method} have the same id between silos: give one an alias.");
                }
            }
        }

        return methods.ToFrozenDictionary();
    }

    internal ProxyFactory Proxies<T>(GrainHost host)
    {
        if (!host.Class.Interfaces.Contains(typeof(T)))
        {
            throw new InvalidCastException($"Grains of type '{host.Type}' do not implement {typeof(T)}.");
        }

        return _proxies[typeof(T)];
    }

    /// <summary>What makes references of an interface; the short way is an array look-up.</summary>
    internal Entry Find<T>(string? prefix)
    {
        var index = Slot<T>.Index;
        var entries = _entries;
        return prefix is null && index < entries.Length && entries[index] is { } entry ? entry : FindSlowly<T>(prefix, index);
    }

    internal void EnsureFilled()
    {
        if (Volatile.Read(ref _filled))
        {
            return;
        }

        lock (_lock)
        {
            if (!_filled)
            {
                foreach (var assembly in ManifestAssemblies())
                {
                    var manifest = assembly.GetCustomAttribute<GrainManifestAttribute>()!.Manifest;
                    ((GrainManifest)Activator.CreateInstance(manifest, nonPublic: true)!).Describe(this);
                }

                Volatile.Write(ref _filled, true);
            }
        }
    }

    private static void Visit(Assembly assembly, HashSet<Assembly> seen)
    {
        if (!seen.Add(assembly))
        {
            return;
        }

        foreach (var name in assembly.GetReferencedAssemblies())
        {
            // What does not build on the engine has no grains; the platform's own assemblies need not be loaded to know that.
            if (name.Name is { } text && !text.StartsWith("System", StringComparison.Ordinal)
                && !text.StartsWith("Microsoft", StringComparison.Ordinal) && text != "netstandard" && text != "mscorlib")
            {
                try
                {
                    Visit(Assembly.Load(name), seen);
                }
                catch (Exception error) when (error is FileNotFoundException or FileLoadException or BadImageFormatException)
                {
                    // Referenced but not deployed: then no grain of it can be meant.
                }
            }
        }
    }

    private Entry FindSlowly<T>(string? prefix, int index)
    {
        EnsureFilled();
        var matches = _hosts.Values.Where(host => host.Class.Interfaces.Contains(typeof(T))
            && (prefix is null || host.Class.Class.Name.StartsWith(prefix, StringComparison.Ordinal))).ToArray();
        if (matches.Length != 1)
        {
            throw new ArgumentException(matches.Length == 0
                ? $"No grain class implements {typeof(T)}{(prefix is null ? "" : $" and is named {prefix}…")}."
                : $"{typeof(T)} is implemented by {string.Join(", ", matches.Select(host => host.Class.Class.Name))}: say which by a name prefix.");
        }

        var entry = new Entry(matches[0], _proxies[typeof(T)]);
        if (prefix is null)
        {
            Keep(entry, index);
        }

        return entry;
    }

    private void Keep(Entry entry, int index)
    {
        lock (_lock)
        {
            var entries = new Entry?[Math.Max(_entries.Length, index + 1)];
            _entries.CopyTo(entries, 0);
            entries[index] = entry;
            Volatile.Write(ref _entries, entries);
        }
    }

    private IEnumerable<Assembly> ManifestAssemblies()
    {
        var seen = new HashSet<Assembly>();
        if (engine.Options.Assemblies.Count > 0)
        {
            seen.UnionWith(engine.Options.Assemblies);
        }
        else
        {
            foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
            {
                if (!assembly.IsDynamic && assembly.GetReferencedAssemblies().Any(static to => to.Name == typeof(Grain).Assembly.GetName().Name)
                    || assembly == Assembly.GetEntryAssembly())
                {
                    Visit(assembly, seen);
                }
            }
        }

        return seen.Where(static assembly => assembly.IsDefined(typeof(GrainManifestAttribute), inherit: false));
    }

    /// <summary>An interface and the one class that implements it.</summary>
    internal sealed class Entry(GrainHost host, ProxyFactory proxies)
    {
        internal GrainReference Create(in GrainKey key) => proxies.Create(host, key);
    }

    // A number for each interface of the process; the tables of all engines are indexed by it.
    private static class Slot<T>
    {
        internal static readonly int Index = Interlocked.Increment(ref s_interfaces) - 1;
    }
}
