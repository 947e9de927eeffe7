namespace Grid.Generators;

/// <summary>A parameter of a grain method.</summary>
/// <param name="TypeName">The full name of its type.</param>
/// <param name="Codec">Its codec; empty for a token.</param>
/// <param name="IsShared">Whether grain and caller may have the same object.</param>
/// <param name="IsToken">Whether it is the cancellation token.</param>
internal sealed record ParameterModel(string TypeName, string Codec, bool IsShared, bool IsToken);

/// <summary>A method of a grain interface.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Declaring">The full name of the interface that declares it.</param>
/// <param name="Id">Names it between silos.</param>
/// <param name="Kind">A member of GrainMethodKind.</param>
/// <param name="IsReadOnly">Whether it changes nothing, whatever its kind.</param>
/// <param name="TimeoutTicks">Its own time-out, or 0.</param>
/// <param name="IsTask">Whether it returns a Task and not a ValueTask.</param>
internal sealed record MethodModel(string Name, string Declaring, uint Id, string Kind, bool IsReadOnly, long TimeoutTicks, bool IsTask)
{
    public EquatableArray<ParameterModel> Parameters { get; init; }

    /// <summary>The result; null when there is none.</summary>
    public ParameterModel? Result { get; init; }
}

/// <summary>A grain interface.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Identifier">The same as one identifier.</param>
internal sealed record InterfaceModel(string Name, string Identifier)
{
    public EquatableArray<MethodModel> Methods { get; init; }

    public EquatableArray<GrainDiagnosticModel> Diagnostics { get; init; }
}

/// <summary>A constructor parameter of a grain class.</summary>
/// <param name="FieldType">The type of the activator's field, or empty when it needs none.</param>
/// <param name="Resolve">What fills the field.</param>
/// <param name="Argument">What is passed to the constructor; "{0}" stands for the field.</param>
internal sealed record DependencyModel(string FieldType, string Resolve, string Argument);

/// <summary>A grain class.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Identifier">The same as one identifier.</param>
/// <param name="TypeName">The name of its grains' type.</param>
internal sealed record GrainModel(string Name, string Identifier, string TypeName)
{
    public EquatableArray<string> Interfaces { get; init; }

    public EquatableArray<DependencyModel> Dependencies { get; init; }

    public bool HasOnActivate { get; init; }

    public bool HasOnDeactivate { get; init; }

    public bool KeepAlive { get; init; }

    public int LocalWorkers { get; init; }

    public EquatableArray<GrainDiagnosticModel> Diagnostics { get; init; }
}
