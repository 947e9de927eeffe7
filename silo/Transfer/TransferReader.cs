using System.Security.Cryptography;
using System.Text.Json;

namespace Grid.Silo.Transfer;

/// <summary>Reads the lines of a file, and checks at the end that the file is complete and unchanged.</summary>
internal sealed class TransferReader : IDisposable
{
    private const int FirstBufferBytes = 256 * 1024;

    private readonly Stream _source;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;
    private int _line;

    /// <exception cref="StoreException">The file is not an export, or has a newer version.</exception>
    internal TransferReader(Stream source)
    {
        _source = source;
        Header = HeaderOf(NextLine()) ?? throw Damaged("it does not start like an export");
        if (Header.Version > TransferHeader.VersionNow)
        {
            throw new StoreException(
                StoreErrorCodes.SchemaNewer,
                $"The file is an export of version {Header.Version};"
                    + $" this program knows {TransferHeader.VersionNow} and older ones."
            );
        }
    }

    /// <summary>The first line.</summary>
    internal TransferHeader Header { get; }

    /// <summary>Whether a file starts like an export.</summary>
    internal static bool IsExport(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> begin = stackalloc byte[64];
        var read = file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false);
        return begin[..read].StartsWith("{\"format\":\"grid-export\""u8);
    }

    /// <summary>The lines after the first. The last line is checked and not returned.</summary>
    /// <exception cref="StoreException">The file is incomplete or changed.</exception>
    internal IEnumerable<TransferLine> Lines()
    {
        long states = 0;
        long visits = 0;
        var open = -1;
        while (true)
        {
            var line = Parse(NextLine(out var hashed));
            if (line.Sha256 is { } sha256)
            {
                CheckEnd(line, sha256, hashed, states, visits);
                yield break;
            }

            Append();
            if (line.Kind is { } kind)
                open =
                    kind == open + 1 && kind < Header.States.Length
                        ? kind
                        : throw Damaged("its kinds of states are out of order");
            else if (line.Scan is not null)
                visits++;
            else if (line is { Key: not null, State: not null } && open >= 0)
                states++;
            else
                throw Damaged("a line is neither a state nor a visit");
            yield return line;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash.Dispose();
        _source.Dispose();
    }

    private static TransferHeader? HeaderOf(ReadOnlySpan<byte> line)
    {
        try
        {
            return
                JsonSerializer.Deserialize(line, TransferJson.Plain.TransferHeader)
                    is { Format: TransferHeader.FormatName, States: not null, Keys: not null } header
                ? header
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TransferLine Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, TransferJson.Plain.TransferLine)
                ?? throw Damaged("a line is empty");
        }
        catch (JsonException)
        {
            // No inner exception: it may quote the line.
            throw Damaged("a line can't be read");
        }
    }

    private static StoreException Damaged(string why) =>
        new(StoreErrorCodes.Damaged, $"The file is damaged or incomplete: {why}. Nothing was imported.");

    private void CheckEnd(TransferLine end, string sha256, string hashed, long states, long visits)
    {
        if (sha256 != hashed)
            throw Damaged("its checksum differs");
        if (
            end.States != states
            || end.Visits != visits
            || states != Header.States.Sum(static kind => kind.Rows)
            || visits != Header.Visits
        )
            throw Damaged("its counts differ");
        if (_end > _start || _source.ReadByte() >= 0)
            throw Damaged("data follows its end");
    }

    private ReadOnlySpan<byte> NextLine()
    {
        var line = Take();
        _hash.AppendData(line);
        return line[..^1];
    }

    // The hash covers the bytes before the line, in case it is the last line.
    private ReadOnlySpan<byte> NextLine(out string hashed)
    {
        var line = Take();
        hashed = line.IndexOf("\"sha256\""u8) >= 0 ? Convert.ToHexStringLower(_hash.GetCurrentHash()) : "";
        _line = line.Length;
        return line[..^1];
    }

    private void Append() => _hash.AppendData(_buffer.AsSpan(_start - _line, _line));

    // Returns a line with its line end.
    private ReadOnlySpan<byte> Take()
    {
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                var line = _buffer.AsSpan(_start, searched + found + 1);
                _start += line.Length;
                return line;
            }

            searched = _end - _start;
            if (searched > TransferWriter.MaxLineBytes)
                throw Damaged("a line is too long");
            Fill();
        }
    }

    private void Fill()
    {
        var kept = _end - _start;
        if (kept == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        else
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, kept);
        (_start, _end) = (0, kept);
        var read = _source.Read(_buffer, _end, _buffer.Length - _end);
        if (read == 0)
            throw Damaged("it ends in the middle");
        _end += read;
    }
}
