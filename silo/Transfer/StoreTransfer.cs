using Grid.Codes;
using Grid.Scans;
using Grid.Silo.Stores;

namespace Grid.Silo.Transfer;

/// <summary>The result of a transfer.</summary>
/// <param name="States">The number of states by grain type.</param>
/// <param name="Visits">The number of visits.</param>
public sealed record TransferReport(IReadOnlyList<(string Grain, long Rows)> States, long Visits);

/// <summary>
/// Exports a store's entire content to a file, and imports such a file into an empty store of either kind.
/// </summary>
internal static class StoreTransfer
{
    private const int BatchRows = 2_000;
    private const int VisitBatchRows = VisitShards.MaxBatch;
    private const int FileBufferBytes = 1024 * 1024;

    /// <summary>Writes the file; it gets its name only when complete.</summary>
    /// <param name="store">The store.</param>
    /// <param name="path">The file; must not exist.</param>
    /// <param name="keys">The marks of the keys that seal the states.</param>
    /// <param name="now">The time of the export.</param>
    internal static TransferReport Export(ITransferStore store, string path, string[] keys, DateTimeOffset now)
    {
        if (File.Exists(path))
            throw IsThere(path);
        var kinds = store.Kinds();
        var header = new TransferHeader(
            TransferHeader.FormatName,
            TransferHeader.VersionNow,
            now,
            keys,
            [.. kinds],
            store.CountVisits()
        );
        var draft = $"{path}.part";
        var file = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None, FileBufferBytes);
        try
        {
            using (file)
            using (var writer = new TransferWriter(file))
            {
                writer.Begin(header);
                Write(store, header, writer);
                file.Flush(flushToDisk: true);
            }

            if (File.Exists(path))
                throw IsThere(path);
            File.Move(draft, path, overwrite: false);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }

        return Report(header);
    }

    private static StoreException IsThere(string path) => new(StoreErrorCodes.Invalid, $"{path} already exists.");

    /// <summary>Fills an empty store from a file after checking the whole file.</summary>
    /// <param name="store">The store.</param>
    /// <param name="path">The file.</param>
    /// <param name="keys">The marks of the importing grid's keys.</param>
    internal static TransferReport Import(ITransferStore store, string path, IReadOnlyCollection<string> keys)
    {
        if (store.Kinds().Count > 0 || store.CountVisits() > 0)
            throw new StoreException(
                StoreErrorCodes.Invalid,
                $"{store.Place} is not empty; an export goes into an empty store."
            );
        using (var first = Open(path))
        {
            if (!first.Header.Keys.All(keys.Contains))
            {
                throw new StoreException(
                    StoreErrorCodes.Invalid,
                    "This data folder lacks the keys that find and unseal the file's residents: "
                        + "first copy the folder 'keys' of the exporting grid."
                );
            }

            foreach (var _ in first.Lines())
            {
                // Read to the end: a file damaged anywhere is rejected before anything is written.
            }
        }

        using var reader = Open(path);
        store.BeginFilling();
        Fill(store, reader);
        store.EndFilling();
        return Report(reader.Header);
    }

    private static TransferReader Open(string path) =>
        new(
            new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                bufferSize: 0,
                FileOptions.SequentialScan
            )
        );

    private static TransferReport Report(TransferHeader header) =>
        new([.. header.States.Select(static kind => (kind.Grain, kind.Rows))], header.Visits);

    private static void Write(ITransferStore store, TransferHeader header, TransferWriter writer)
    {
        long states = 0;
        for (var number = 0; number < header.States.Length; number++)
        {
            writer.Write(new TransferLine { Kind = number });
            foreach (var state in store.States(header.States[number]))
            {
                writer.Write(
                    new TransferLine
                    {
                        Key = state.Key,
                        Version = state.Version,
                        Pending = state.Pending,
                        State = state.Bytes,
                    }
                );
                states++;
            }
        }

        long visits = 0;
        foreach (var visit in store.Visits())
        {
            writer.Write(Line(visit));
            visits++;
        }

        // Another process changed the store despite the locks: the import would reject the file.
        if (states != header.States.Sum(static kind => kind.Rows) || visits != header.Visits)
            throw new StoreException(StoreErrorCodes.InUse, $"{store.Place} changed while it was exported.");
        writer.End(states, visits);
    }

    private static void Fill(ITransferStore store, TransferReader reader)
    {
        TransferKind? kind = null;
        var states = new List<StoredState>(BatchRows);
        var visits = new List<Visit>(VisitBatchRows);
        foreach (var line in reader.Lines())
        {
            if (line.Kind is { } number)
            {
                Flush();
                kind = reader.Header.States[number];
            }
            else if (line.Scan is not null)
            {
                visits.Add(Visit(line));
            }
            else
            {
                states.Add(new StoredState(line.Key!, line.Version, line.Pending, line.State!));
            }

            if (states.Count == BatchRows || visits.Count == VisitBatchRows)
                Flush();
        }

        Flush();

        void Flush()
        {
            if (states.Count > 0)
                store.Add(kind!, states);
            if (visits.Count > 0)
                store.Add(visits);
            states.Clear();
            visits.Clear();
        }
    }

    private static TransferLine Line(Visit visit) =>
        new()
        {
            Scan = visit.ScanId,
            At = visit.RecordedAt,
            Resident = visit.Resident,
            Venue = visit.VenueId,
            Device = visit.Device,
            Content = visit.Content,
            Reasons = (int)visit.Reasons,
            Colour = (int)visit.Colour,
            Test = StateBytes.Encode(visit.Test),
            Name = visit.Name,
        };

    private static Visit Visit(TransferLine line) =>
        new(
            line.Scan!,
            line.Venue ?? "",
            line.Device ?? "",
            line.Resident ?? default,
            line.Content,
            (RefusalReasons)line.Reasons,
            (CodeColour)line.Colour,
            StateBytes.Decode<TestView>(line.Test ?? []),
            line.Name ?? "",
            line.At ?? default
        );
}
