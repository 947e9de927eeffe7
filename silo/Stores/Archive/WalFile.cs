using System.Buffers.Binary;

namespace Grid.Silo.Stores.Archive;

/// <summary>
/// Reads the write-ahead log of a SQLite file beside its writer: frames that are committed, as SQLite wrote them
/// (<see href="https://www.sqlite.org/fileformat2.html#walformat"/>).
/// </summary>
internal sealed class WalFile : IDisposable
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const uint MagicLittle = 0x377F0682;
    private const uint MagicBig = 0x377F0683;

    private readonly FileStream _file;
    private readonly byte[] _header = new byte[HeaderBytes];

    private WalFile(FileStream file) => _file = file;

    /// <summary>Names the log between two resets: it changes when the log begins anew.</summary>
    internal ulong Generation => BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(16));

    /// <summary>Bytes of a page.</summary>
    internal int PageBytes => BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(8));

    /// <summary>Opens the log of a file; null when there is none, or nothing in it yet.</summary>
    internal static WalFile? TryOpen(string databasePath)
    {
        FileStream file;
        try
        {
            file = new FileStream(
                databasePath + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        var wal = new WalFile(file);
        if (RandomAccess.Read(file.SafeFileHandle, wal._header, 0) == HeaderBytes
            && BinaryPrimitives.ReadUInt32BigEndian(wal._header) is MagicLittle or MagicBig
            && int.IsPow2(wal.PageBytes))
            return wal;
        wal.Dispose();
        return null;
    }

    /// <summary>
    /// Reads frames that are known to be committed, the last of them ending a transaction. Of a page that was written more
    /// than once the last frame stands.
    /// </summary>
    /// <param name="first">The first frame, from 0.</param>
    /// <param name="end">One beyond the last.</param>
    /// <param name="pages">Filled with the pages by number.</param>
    /// <returns>Pages of the file after the last transaction.</returns>
    /// <exception cref="InvalidDataException">The frames are not what was said.</exception>
    internal uint Read(int first, int end, SortedDictionary<uint, byte[]> pages)
    {
        var frame = new byte[FrameHeaderBytes + PageBytes];
        uint size = 0;
        for (var number = first; number < end; number++)
        {
            if (!TryReadFrame(number, frame))
                throw new InvalidDataException($"Frame {number} of {_file.Name} is not of the log that stands there.");
            size = BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4));
            var page = BinaryPrimitives.ReadUInt32BigEndian(frame);
            if (!pages.TryGetValue(page, out var bytes))
                pages.Add(page, bytes = new byte[PageBytes]);
            frame.AsSpan(FrameHeaderBytes).CopyTo(bytes);
        }

        return size > 0
            ? size
            : throw new InvalidDataException($"Frame {end - 1} of {_file.Name} does not end a transaction.");
    }

    /// <summary>
    /// Frames up to the end of the last transaction that is whole, by SQLite's own checksums: what a crash left behind.
    /// </summary>
    internal int CommittedFrames()
    {
        var bigEndian = BinaryPrimitives.ReadUInt32BigEndian(_header) == MagicBig;
        var sum = Sum(bigEndian, _header.AsSpan(0, 24), default);
        if (sum != Stored(_header.AsSpan(24)))
            return 0;
        var frame = new byte[FrameHeaderBytes + PageBytes];
        var committed = 0;
        for (var number = 0; TryReadFrame(number, frame); number++)
        {
            sum = Sum(bigEndian, frame.AsSpan(0, 8), sum);
            sum = Sum(bigEndian, frame.AsSpan(FrameHeaderBytes), sum);
            if (sum != Stored(frame.AsSpan(16)))
                break;
            if (BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4)) != 0)
                committed = number + 1;
        }

        return committed;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private bool TryReadFrame(int number, byte[] frame)
    {
        var at = HeaderBytes + (long)number * frame.Length;
        var read = 0;
        while (read < frame.Length)
        {
            var bytes = RandomAccess.Read(_file.SafeFileHandle, frame.AsSpan(read), at + read);
            if (bytes == 0)
                return false;
            read += bytes;
        }

        return BinaryPrimitives.ReadUInt64BigEndian(frame.AsSpan(8)) == Generation;
    }

    private static (uint, uint) Stored(ReadOnlySpan<byte> bytes) =>
        (BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));

    private static (uint, uint) Sum(bool bigEndian, ReadOnlySpan<byte> bytes, (uint First, uint Second) sum)
    {
        var (first, second) = sum;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            first += Word(bigEndian, bytes) + second;
            second += Word(bigEndian, bytes[4..]) + first;
        }

        return (first, second);
    }

    private static uint Word(bool bigEndian, ReadOnlySpan<byte> bytes) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
