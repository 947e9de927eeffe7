namespace Grid.Results;

/// <summary>What a laboratory found in a tube. Rows store the numbers: they never change.</summary>
public enum TestResult : byte
{
    /// <summary>The test did not find the virus.</summary>
    Negative = 1,

    /// <summary>The test found the virus.</summary>
    Positive = 2,

    /// <summary>Neither; the sample needs another test. Counts as no test.</summary>
    Inconclusive = 3,

    /// <summary>The laboratory could not test the sample. Counts as no test.</summary>
    Invalid = 4,
}
