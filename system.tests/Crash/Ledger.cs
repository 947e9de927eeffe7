namespace Grid.Tests.Crash;

/// <summary>What a caller knows of a command: it was answered, or it was sent and nobody answered.</summary>
internal enum Known
{
    Unsent,
    Sent,
    Acknowledged,
}

/// <summary>One story that a worker drives: a few people, one tube, its result, and a scan.</summary>
internal sealed class Story(string tubeId, bool positive)
{
    public string TubeId { get; } = tubeId;

    public bool Positive { get; } = positive;

    public List<Person> People { get; } = [];

    public Known Opened { get; set; }

    public Known Sealed { get; set; }

    public Known Reported { get; set; }

    /// <summary>The receipt, once the report was answered.</summary>
    public string? ReceiptId { get; set; }

    public List<Scan> Scans { get; } = [];
}

/// <summary>Somebody in a story.</summary>
internal sealed class Person(string idNumber)
{
    public string IdNumber { get; } = idNumber;

    public Known Registered { get; set; }

    public string? ResidentId { get; set; }

    public Known Sampled { get; set; }
}

/// <summary>A scan in a story: what was sent, and what was answered.</summary>
internal sealed record Scan(string ScanId, string Token)
{
    /// <summary>The whole answer as it came; null while nobody answered.</summary>
    public string? Answer { get; set; }
}
