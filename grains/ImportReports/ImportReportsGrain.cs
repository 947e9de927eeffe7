namespace Grid.ImportReports;

/// <inheritdoc cref="IImportReportsGrain"/>
[GrainType("import-reports")]
public sealed class ImportReportsGrain(
    [PersistentState("import-reports", "registry")] IPersistentState<ImportReportsState> state
) : DurableGrain<ImportReportsState>(state), IImportReportsGrain
{
    /// <inheritdoc/>
    public Task Keep(ImportReport report)
    {
        var newest = State.Latest.TakeLast(ImportReportsState.MaxReports - 1);
        return CommitAsync(new ImportReportsState { Latest = [.. newest, report] });
    }

    /// <inheritdoc/>
    public ValueTask<ImportReport?> Find(Guid importId) =>
        new(Array.Find(State.Latest, report => report.ImportId == importId));
}
