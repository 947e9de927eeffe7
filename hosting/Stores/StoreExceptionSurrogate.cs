using Orleans.Serialization;

namespace Grid.Hosting.Stores;

/// <summary>
/// Serializes <see cref="StoreException"/> between processes, with the code by which callers tell temporary from
/// permanent errors. Orleans alone would send only its message.
/// </summary>
[GenerateSerializer]
public struct StoreExceptionSurrogate
{
    /// <summary>One of <see cref="StoreErrorCodes"/>.</summary>
    [Id(0)]
    public string Code { get; set; }

    /// <summary>The message, for the operator.</summary>
    [Id(1)]
    public string Message { get; set; }
}

/// <summary>Serialization of the grid's exceptions.</summary>
public static class StoreExceptions
{
    /// <summary>
    /// Serializes the grid's exceptions with type, message and stack trace. Without it, a caller would only get an
    /// error about a missing serializer.
    /// </summary>
    public static IServiceCollection AddStoreExceptions(this IServiceCollection services) =>
        services.Configure<ExceptionSerializationOptions>(static options =>
            options.SupportedNamespacePrefixes.Add(nameof(Grid))
        );
}

/// <summary>Converts between the exception and its surrogate.</summary>
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
