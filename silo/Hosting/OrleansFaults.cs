namespace Grid.Silo.Hosting;

/// <summary>
/// How <see cref="StoreException"/> travels between processes: with its code, by which callers tell what passes by
/// itself from what does not. Orleans alone would carry its message only.
/// </summary>
[GenerateSerializer]
public struct StoreFaultImage
{
    /// <summary>One of <see cref="StoreFaults"/>.</summary>
    [Id(0)]
    public string Code { get; set; }

    /// <summary>For the operator.</summary>
    [Id(1)]
    public string Message { get; set; }
}

/// <summary>Turns the one into the other.</summary>
[RegisterConverter]
public sealed class StoreFaultConverter : IConverter<StoreException, StoreFaultImage>
{
    /// <inheritdoc/>
    public StoreException ConvertFromSurrogate(in StoreFaultImage surrogate) => new(surrogate.Code, surrogate.Message);

    /// <inheritdoc/>
    public StoreFaultImage ConvertToSurrogate(in StoreException value) => new() { Code = value.Code, Message = value.Message };
}
