using Orleans.Serialization;

namespace Grid.Hosting.Stores;

/// <summary>
/// How <see cref="StoreException"/> travels between processes: with its code, by which callers tell what passes by
/// itself from what does not. Orleans alone would carry its message only.
/// </summary>
[GenerateSerializer]
public struct StoreExceptionSurrogate
{
    /// <summary>One of <see cref="StoreErrorCodes"/>.</summary>
    [Id(0)]
    public string Code { get; set; }

    /// <summary>For the operator.</summary>
    [Id(1)]
    public string Message { get; set; }
}

/// <summary>How exceptions of the grid travel between processes.</summary>
public static class StoreExceptions
{
    /// <summary>
    /// Lets exceptions of the grid travel with type, message and stack. Without it the caller of a grain that throws
    /// one hears only that there is no serializer for it.
    /// </summary>
    public static IServiceCollection AddStoreExceptions(this IServiceCollection services) =>
        services.Configure<ExceptionSerializationOptions>(static options =>
            options.SupportedNamespacePrefixes.Add(nameof(Grid))
        );
}

/// <summary>Turns the one into the other.</summary>
[RegisterConverter]
public sealed class StoreExceptionConverter : IConverter<StoreException, StoreExceptionSurrogate>
{
    /// <inheritdoc/>
    public StoreException ConvertFromSurrogate(in StoreExceptionSurrogate surrogate) =>
        new(surrogate.Code, surrogate.Message);

    /// <inheritdoc/>
    public StoreExceptionSurrogate ConvertToSurrogate(in StoreException value) =>
        new() { Code = value.Code, Message = value.Message };
}
