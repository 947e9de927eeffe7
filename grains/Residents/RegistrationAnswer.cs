namespace Grid.Residents;

/// <summary>The answer to a registration.</summary>
/// <param name="Created">True when this call registered the resident.</param>
/// <param name="Differs">The fields whose stored values differ from this registration; none of them changed.</param>
[GenerateSerializer, Immutable, Alias("grid.registration-answer")]
public readonly record struct RegistrationAnswer(
    [property: Id(0)] bool Created,
    [property: Id(1)] ProfileFields Differs
);
