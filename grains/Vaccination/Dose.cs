namespace Grid.Vaccination;

/// <summary>A dose as the resident's state stores it.</summary>
[GenerateSerializer, Alias("grid.dose"), Immutable]
public readonly record struct Dose
{
    /// <summary><see cref="StableId.ShortOf"/> of the record id: enough to tell one resident's doses apart.</summary>
    [Id(0)]
    public ulong Record { get; init; }

    /// <summary>When it was given, in milliseconds since 1970 UTC.</summary>
    [Id(1)]
    public long GivenUnixMs { get; init; }

    /// <summary>The vaccine; one shared string for the whole city.</summary>
    [Id(2)]
    public string Product
    {
        get;
        init => field = SharedText.Of(value);
    }

    /// <summary>1 to 10.</summary>
    [Id(3)]
    public byte Number { get; init; }

    public DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(GivenUnixMs);
}
