namespace Grid.ImportReports;

/// <summary>What became of the latest imports of one subject, which its key names, so that all refused lines can be asked for.</summary>
public interface IImportReportsGrain : IGrainWithStringKey
{
    /// <summary>Keeps a report; beyond <see cref="ImportReportsState.LatestMax"/> the oldest goes.</summary>
    Task Keep(ImportReport report);

    /// <summary>The report of an import; null when there is none, or no more.</summary>
    [ReadOnly]
    ValueTask<ImportReport?> Find(Guid importId);
}

/// <summary>What became of an import. Says nothing of a person: a text names a field, never its value.</summary>
/// <param name="ImportId">Its name.</param>
/// <param name="EndedAt">When it had ended.</param>
/// <param name="Counts">Its lines by outcome.</param>
/// <param name="Lines">The numbers of the refused lines, ascending.</param>
/// <param name="Texts">For each of them the place of its text in <paramref name="Table"/>: many lines have few texts.</param>
/// <param name="Table">The texts.</param>
[GenerateSerializer, Immutable, Alias("grid.import-report")]
public sealed record ImportReport(
    [property: Id(0)] Guid ImportId,
    [property: Id(1)] DateTimeOffset EndedAt,
    [property: Id(2)] ImportCounts Counts,
    [property: Id(3)] int[] Lines,
    [property: Id(4)] ushort[] Texts,
    [property: Id(5)] LineText[] Table);

/// <summary>Lines by outcome.</summary>
[GenerateSerializer, Immutable, Alias("grid.import-counts")]
public sealed record ImportCounts(
    [property: Id(0)] long Accepted,
    [property: Id(1)] long Duplicates,
    [property: Id(2)] long Conflicts,
    [property: Id(3)] long Rejected);

/// <summary>Why a line was refused.</summary>
/// <param name="Code">The stable code.</param>
/// <param name="Detail">What was wrong.</param>
[GenerateSerializer, Immutable, Alias("grid.line-text")]
public readonly record struct LineText(
    [property: Id(0)] string Code,
    [property: Id(1)] string Detail);

/// <summary>What the store keeps of a subject's imports.</summary>
[GenerateSerializer, Alias("grid.import-reports-state")]
public sealed class ImportReportsState
{
    /// <summary>Reports kept of one subject.</summary>
    public const int LatestMax = 4;

    /// <summary>The reports, oldest first.</summary>
    [Id(0)] public ImportReport[] Latest { get; set; } = [];
}

/// <inheritdoc cref="IImportReportsGrain"/>
[GrainType("import-reports")]
public sealed class ImportReportsGrain(
    [PersistentState("import-reports", "registry")] IPersistentState<ImportReportsState> state)
    : DurableGrain<ImportReportsState>(state), IImportReportsGrain
{
    /// <inheritdoc/>
    public Task Keep(ImportReport report) =>
        Commit(new ImportReportsState { Latest = [.. State.Latest.TakeLast(ImportReportsState.LatestMax - 1), report] });

    /// <inheritdoc/>
    public ValueTask<ImportReport?> Find(Guid importId) =>
        new(Array.Find(State.Latest, report => report.ImportId == importId));
}
