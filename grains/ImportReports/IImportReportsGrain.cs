namespace Grid.ImportReports;

/// <summary>
/// The reports of one subject's latest imports, so that the subject can fetch every refused line. The key is the
/// subject.
/// </summary>
public interface IImportReportsGrain : IGrainWithStringKey
{
    /// <summary>Keeps a report; beyond <see cref="ImportReportsState.MaxReports"/> the oldest goes.</summary>
    Task Keep(ImportReport report);

    /// <summary>The report of an import; null when there is none or it is gone.</summary>
    [ReadOnly]
    ValueTask<ImportReport?> Find(Guid importId);
}
