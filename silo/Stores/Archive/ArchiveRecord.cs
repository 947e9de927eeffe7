using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Grid.Silo.Stores.Archive;

/// <summary>How a record stands to its step.</summary>
internal enum ArchiveStep
{
    /// <summary>More of the same step may follow.</summary>
    Part,

    /// <summary>The step was over when it was written: there is no more of it.</summary>
    Whole,

    /// <summary>The file was closed: nothing follows until it is opened again.</summary>
    Closed,
}

/// <summary>What changed in a file during one step of the archive: the pages as they stood at its end.</summary>
/// <param name="Session">Which opening of the file wrote it; the file counts its openings.</param>
/// <param name="Sequence">Its number within the session, from 0. A gap says that a step was lost.</param>
/// <param name="End">The end of the step: every commit in it was answered before.</param>
/// <param name="Step">Whether more of the step may follow.</param>
/// <param name="FilePages">Pages that the file has at the end; 0 when nothing changed.</param>
/// <param name="Pages">The pages by number, from 1.</param>
internal sealed record ArchiveRecord(
    long Session, long Sequence, DateTimeOffset End, ArchiveStep Step, uint FilePages, IReadOnlyCollection<KeyValuePair<uint, byte[]>> Pages)
{
    private const uint Magic = 0x47524152;
    private const int HeaderBytes = 44;
    private const int SumBytes = SHA256.HashSizeInBytes;
    private const int PagesMax = 1 << 24;

    /// <summary>Appends the record: header, pages, and a checksum over both.</summary>
    internal void Write(Stream target, int pageBytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], pageBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], Session);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], End.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt32LittleEndian(header[32..], FilePages);
        BinaryPrimitives.WriteInt32LittleEndian(header[36..], Pages.Count);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], (int)Step);
        Put(header);
        Span<byte> number = stackalloc byte[4];
        foreach (var (page, bytes) in Pages)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(number, page);
            Put(number);
            Put(bytes);
        }

        Span<byte> sum = stackalloc byte[SumBytes];
        hash.GetHashAndReset(sum);
        target.Write(sum);

        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            target.Write(bytes);
        }
    }

    /// <summary>Reads the next record; null at the end, and where the last one was cut off by a crash.</summary>
    /// <exception cref="StoreException">What is there is no record.</exception>
    internal static ArchiveRecord? Read(Stream source, string path, out int pageBytes)
    {
        pageBytes = 0;
        var header = new byte[HeaderBytes];
        if (source.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
            return null;
        pageBytes = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4));
        var count = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(36));
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic || !int.IsPow2(pageBytes) || count is < 0 or > PagesMax)
            throw new StoreException(StoreFaults.Damaged, $"{path} is no archive, or is damaged.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        var pages = new List<KeyValuePair<uint, byte[]>>();
        var entry = new byte[4 + pageBytes];
        for (var read = 0; read < count; read++)
        {
            if (source.ReadAtLeast(entry, entry.Length, throwOnEndOfStream: false) < entry.Length)
                return null;
            hash.AppendData(entry);
            pages.Add(new(BinaryPrimitives.ReadUInt32LittleEndian(entry), entry[4..]));
        }

        var sum = new byte[SumBytes];
        if (source.ReadAtLeast(sum, SumBytes, throwOnEndOfStream: false) < SumBytes)
            return null;
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(sum))
            throw new StoreException(StoreFaults.Damaged, $"{path}: the checksum of a record is wrong.");
        return new ArchiveRecord(
            BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8)),
            BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(16)),
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(24))),
            (ArchiveStep)BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(40)),
            BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(32)),
            pages);
    }
}
