namespace Grid.Engine.Runtime;

/// <summary>On an assembly: the generated list of its grains.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class GrainManifestAttribute(Type manifest) : Attribute
{
    /// <summary>A class derived from <see cref="GrainManifest"/>.</summary>
    public Type Manifest { get; } = manifest;
}

/// <summary>The grains and grain interfaces of an assembly.</summary>
public abstract class GrainManifest
{
    /// <summary>Names them all.</summary>
    public abstract void Describe(IGrainManifestTarget target);
}

/// <summary>Who reads a manifest.</summary>
public interface IGrainManifestTarget
{
    /// <summary>A grain interface and the maker of its proxies.</summary>
    void AddInterface(ProxyFactory proxies);

    /// <summary>A grain class.</summary>
    void AddGrain(GrainClass grain);
}

/// <summary>Makes the proxies of one grain interface. Generated.</summary>
public abstract class ProxyFactory
{
    /// <summary>The interface.</summary>
    public abstract Type InterfaceType { get; }

    /// <summary>The methods of the interface, those that it inherits too.</summary>
    public abstract ReadOnlySpan<GrainMethod> Methods { get; }

    /// <summary>Makes a reference.</summary>
    public abstract GrainReference Create(GrainHost host, in GrainKey key);

    /// <summary>Makes an empty call of the method with this id, for a silo that reads one from another; null when unknown.</summary>
    public abstract PendingCall? CreateCall(uint methodId);
}

/// <summary>What generated code says of a grain class.</summary>
public sealed class GrainClass
{
    /// <summary>The class.</summary>
    public required Type Class { get; init; }

    /// <summary>The name of its grains' type.</summary>
    public required string TypeName { get; init; }

    /// <summary>The grain interfaces that it implements.</summary>
    public required Type[] Interfaces { get; init; }

    /// <summary>Resolves what its constructor needs; called once for each engine.</summary>
    public required Func<GrainServices, GrainActivator> Activator { get; init; }

    /// <summary>Whether it has an <c>OnActivateAsync</c> of its own.</summary>
    public bool HasOnActivate { get; init; }

    /// <summary>Whether it has an <c>OnDeactivateAsync</c> of its own.</summary>
    public bool HasOnDeactivate { get; init; }

    /// <summary>Whether idleness never drops it.</summary>
    public bool KeepAlive { get; init; }

    /// <summary>The most local activations of a key of a stateless worker; 0 = an ordinary grain, below 0 = as many as processors.</summary>
    public int LocalWorkers { get; init; }
}

/// <summary>Makes the objects of one grain class. Generated.</summary>
public abstract class GrainActivator
{
    /// <summary>Makes a grain; its states are added to <paramref name="facets"/>, to be loaded.</summary>
    public abstract object Create(Activation activation, ref FacetSet facets);
}
