namespace Grid.ImportReports;

/// <summary>
/// The outcome of an import. It holds nothing about a person: a text names a field, never its value.
/// </summary>
/// <param name="ImportId">The id of the import.</param>
/// <param name="EndedAt">When the import ended.</param>
/// <param name="Counts">The number of lines by outcome.</param>
/// <param name="Lines">The numbers of the refused lines, ascending.</param>
/// <param name="Texts">
/// For each refused line the index of its text in <paramref name="Table"/>: many lines share few texts.
/// </param>
/// <param name="Table">The texts.</param>
[GenerateSerializer, Immutable, Alias("grid.import-report")]
public sealed record ImportReport(
    [property: Id(0)] Guid ImportId,
    [property: Id(1)] DateTimeOffset EndedAt,
    [property: Id(2)] ImportCounts Counts,
    [property: Id(3)] int[] Lines,
    [property: Id(4)] ushort[] Texts,
    [property: Id(5)] LineText[] Table
);

/// <summary>The number of lines by outcome.</summary>
[GenerateSerializer, Immutable, Alias("grid.import-counts")]
public sealed record ImportCounts(
    [property: Id(0)] long Accepted,
    [property: Id(1)] long Duplicates,
    [property: Id(2)] long Conflicts,
    [property: Id(3)] long Rejected
);

/// <summary>Why a line was refused.</summary>
/// <param name="Code">The stable error code.</param>
/// <param name="Detail">The explanation.</param>
[GenerateSerializer, Immutable, Alias("grid.line-text")]
public readonly record struct LineText([property: Id(0)] string Code, [property: Id(1)] string Detail);
