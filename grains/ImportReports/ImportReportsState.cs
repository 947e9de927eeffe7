namespace Grid.ImportReports;

/// <summary>The stored import reports of a subject.</summary>
[GenerateSerializer, Alias("grid.import-reports-state")]
public sealed class ImportReportsState
{
    public const int MaxReports = 4;

    /// <summary>The reports, oldest first.</summary>
    [Id(0)]
    public ImportReport[] Latest { get; set; } = [];
}
