using System.Globalization;

namespace Grid.Silo.Stores.Archive;

/// <summary>The archive of one file, as it is read back.</summary>
/// <param name="folder">The file's folder within the archive.</param>
internal sealed class ArchiveSegments(string folder)
{
    /// <summary>When a segment begins, in Unix milliseconds: the end of its first step.</summary>
    internal static long StartOf(string segment)
    {
        var name = Path.GetFileNameWithoutExtension(segment.AsSpan());
        return long.TryParse(name[(name.LastIndexOf('-') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? start
            : throw new StoreException(StoreFaults.Invalid, $"{segment} is no segment of an archive.");
    }

    /// <summary>
    /// The moment up to which the archive has all of this file: <see cref="DateTimeOffset.MaxValue"/> where it was closed.
    /// </summary>
    internal DateTimeOffset CompleteUntil()
    {
        var until = DateTimeOffset.MinValue;
        foreach (var record in Records(long.MinValue, null))
        {
            until = record.Step switch
            {
                ArchiveStep.Closed => DateTimeOffset.MaxValue,
                ArchiveStep.Whole => record.End,
                // A new session: what it has begun may go on.
                _ when until == DateTimeOffset.MaxValue => record.End - TimeSpan.FromTicks(1),
                _ => until,
            };
        }

        return until;
    }

    /// <summary>Records in the order in which they were written, from a session on.</summary>
    /// <param name="session">The first session.</param>
    /// <param name="pageBytes">Checked against each record, when given.</param>
    /// <exception cref="StoreException">A segment is damaged.</exception>
    internal IEnumerable<ArchiveRecord> Records(long session, int? pageBytes)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (var segment in Directory.GetFiles(folder, "*.pages").Order(StringComparer.Ordinal))
        {
            using var source = new FileStream(segment, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16);
            while (ArchiveRecord.Read(source, segment, out var bytes) is { } record)
            {
                if (pageBytes is { } expected && record.Pages.Count > 0 && bytes != expected)
                    throw new StoreException(StoreFaults.Invalid, $"{segment} has pages of {bytes} bytes, the backup of {expected}.");
                if (record.Session >= session)
                    yield return record;
            }
        }
    }
}
