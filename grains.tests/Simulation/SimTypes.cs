using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Reflection;
using Grid.Residents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Metadata;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Configuration;
using Orleans.Serialization.Invocation;
using Orleans.Serialization.Serializers;

namespace Grid.Tests.Simulation;

/// <summary>
/// The code that Orleans generated for the grid's grains: proxies, requests, copiers. Loaded once and shared by all
/// worlds, as it is stateless.
/// </summary>
internal static class SimTypes
{
    private static readonly ServiceProvider Container = new ServiceCollection()
        .AddSerializer()
        .AddLogging()
        .AddMetrics()
        .BuildServiceProvider();

    private static readonly Dictionary<GrainType, SimGrainClass> Classes = typeof(ResidentGrain)
        .Assembly.GetTypes()
        .Where(static type => type is { IsClass: true, IsAbstract: false } && type.IsSubclassOf(typeof(Grain)))
        .Select(static type => new SimGrainClass(
            type,
            type.GetCustomAttribute<GrainTypeAttribute>()!.GetGrainType(Container, type)
        ))
        .ToDictionary(static each => each.GrainType);

    private static readonly Dictionary<Type, GrainType> GrainTypes = Classes
        .Values.SelectMany(static each =>
            each.Class.GetInterfaces().Where(IsOfGrid).Select(face => (Face: face, each.GrainType))
        )
        .GroupBy(static each => each.Face)
        .Where(static faces => faces.Count() == 1)
        .ToDictionary(static faces => faces.Key, static faces => faces.Single().GrainType);

    private static readonly Dictionary<Type, Func<GrainReferenceShared, IdSpan, GrainReference>> Proxies = Container
        .GetRequiredService<IOptions<TypeManifestOptions>>()
        .Value.InterfaceProxies.Where(static type => type.GetInterfaces().Any(IsOfGrid) && !type.IsGenericType)
        .GroupBy(MainInterfaceOf)
        .ToDictionary(static types => types.Key, static types => Maker(types.First()));

    private static readonly Dictionary<string, Type> Faces = Proxies.Keys.ToDictionary(static face => face.FullName!);

    /// <summary>Serializers, copiers and silent loggers.</summary>
    internal static IServiceProvider Services => Container;

    /// <summary>The manifest of a silo.</summary>
    internal static GrainManifest Manifest { get; } =
        new(
            Classes.Keys.ToImmutableDictionaryOf(
                new GrainProperties(ImmutableDictionary.Create<string, string>(StringComparer.Ordinal))
            ),
            EmptyOf<GrainInterfaceType, GrainInterfaceProperties>()
        );

    /// <summary>The manifest of a member without grain classes.</summary>
    internal static GrainManifest EmptyManifest { get; } =
        new(EmptyOf<GrainType, GrainProperties>(), EmptyOf<GrainInterfaceType, GrainInterfaceProperties>());

    /// <summary>The class of a grain type.</summary>
    internal static SimGrainClass ClassOf(GrainType type) => Classes[type];

    /// <summary>The grain type that implements an interface.</summary>
    internal static GrainType TypeOf(Type face) => GrainTypes[face];

    /// <summary>The interface by its name in references.</summary>
    internal static Type FaceOf(GrainInterfaceType name) => Faces[name.ToString()!];

    /// <summary>The shared part of all references of one grain type and interface.</summary>
    internal static GrainReferenceShared Shared(GrainType type, Type face, IGrainReferenceRuntime runtime) =>
        new(
            type,
            GrainInterfaceType.Create(face.FullName!),
            0,
            runtime,
            default,
            Container.GetRequiredService<CodecProvider>(),
            Container.GetRequiredService<CopyContextPool>(),
            Container
        );

    /// <summary>Creates a generated proxy.</summary>
    internal static GrainReference Proxy(GrainReferenceShared shared, IdSpan key, Type face) =>
        Proxies[face](shared, key);

    /// <summary>Copies a request with its arguments: each delivery needs its own.</summary>
    internal static IRequest Copy(IRequest request)
    {
        var copy = (IRequest)Activator.CreateInstance(request.GetType())!;
        for (var i = 0; i < request.GetArgumentCount(); i++)
            copy.SetArgument(i, request.GetArgument(i)!);
        return copy;
    }

    /// <summary>Copies a response, as Orleans does for the caller.</summary>
    internal static Response Copy(Response response) =>
        response.Exception is null ? Container.GetRequiredService<DeepCopier>().Copy(response) : response;

    private static bool IsOfGrid(Type face) =>
        face.Assembly == typeof(ResidentGrain).Assembly && typeof(IAddressable).IsAssignableFrom(face);

    private static Type MainInterfaceOf(Type proxy)
    {
        var faces = proxy.GetInterfaces().Where(IsOfGrid).ToArray();
        return faces.First(face => faces.All(other => other.IsAssignableFrom(face)));
    }

    private static Func<GrainReferenceShared, IdSpan, GrainReference> Maker(Type proxy)
    {
        var shared = Expression.Parameter(typeof(GrainReferenceShared));
        var key = Expression.Parameter(typeof(IdSpan));
        var constructor = proxy.GetConstructor([typeof(GrainReferenceShared), typeof(IdSpan)])!;
        return Expression
            .Lambda<Func<GrainReferenceShared, IdSpan, GrainReference>>(
                Expression.New(constructor, shared, key),
                shared,
                key
            )
            .Compile();
    }

    private static ImmutableDictionary<TKey, TValue> EmptyOf<TKey, TValue>()
        where TKey : notnull => ImmutableDictionary<TKey, TValue>.Empty;

    private static ImmutableDictionary<TKey, TValue> ToImmutableDictionaryOf<TKey, TValue>(
        this IEnumerable<TKey> keys,
        TValue value
    )
        where TKey : notnull => EmptyOf<TKey, TValue>().AddRange(keys.Select(key => KeyValuePair.Create(key, value)));
}

/// <summary>A grain class and its constructor.</summary>
internal sealed class SimGrainClass
{
    private readonly ConstructorInfo _constructor;
    private readonly Func<IGrainContext, object>[] _arguments;

    internal SimGrainClass(Type type, GrainType grainType)
    {
        (Class, GrainType) = (type, grainType);
        IsStatelessWorker = type.IsDefined(typeof(StatelessWorkerAttribute));
        _constructor = type.GetConstructors().Single();
        _arguments = Array.ConvertAll(_constructor.GetParameters(), Argument);
    }

    internal Type Class { get; }

    internal GrainType GrainType { get; }

    /// <summary>Each silo has its own activations, and the directory has none of them.</summary>
    internal bool IsStatelessWorker { get; }

    /// <summary>Creates a grain. Must run as a turn of its activation: the constructor reads it.</summary>
    internal Grain Make(IGrainContext context) =>
        (Grain)_constructor.Invoke(Array.ConvertAll(_arguments, argument => argument(context)));

    private static Func<IGrainContext, object> Argument(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is not { } facet)
            return context => context.ActivationServices.GetRequiredService(type);
        // Orleans' facet: it queues and merges the writes of an activation.
        var create = typeof(IPersistentStateFactory)
            .GetMethod(nameof(IPersistentStateFactory.Create))!
            .MakeGenericMethod(type.GetGenericArguments());
        return context =>
            create.Invoke(context.ActivationServices.GetRequiredService<IPersistentStateFactory>(), [context, facet])!;
    }
}
