using Grid.Codec;

namespace Grid.Engine.Wire;

/// <summary>The versions of the protocol that this build speaks.</summary>
public static class WireProtocol
{
    /// <summary>The oldest. Raised only when no silo of a supported release needs it any more.</summary>
    public const int Oldest = 1;

    /// <summary>The newest. Raised with any change that a peer must know of; new optional fields and frames need none.</summary>
    public const int Newest = 2;

    /// <summary>From this version on both sides name their grid, and refuse each other when it is not the same one.</summary>
    internal const int NamesGrid = 2;
}

/// <summary>
/// The first frame of both sides. Its form is the same in all versions: a mark, the oldest and the newest version of the
/// protocol, and fields of which a reader skips those that it does not know.
/// </summary>
/// <param name="Oldest">The oldest version that the sender speaks.</param>
/// <param name="Newest">The newest one.</param>
public sealed record Hello(int Oldest, int Newest)
{
    /// <summary>The longest frame before the peer has said who it is.</summary>
    internal const int BytesMax = 4096;

    private const uint Mark = 0x44495247;
    private const int VersionMax = 1_000_000;
    private const uint ProductKey = (1 << 3) | (uint)WireType.Bytes;
    private const uint NameKey = (2 << 3) | (uint)WireType.Bytes;
    private const uint CallsKey = (3 << 3) | (uint)WireType.Varint;
    private const uint GridKey = (4 << 3) | (uint)WireType.Bytes;

    /// <summary>The release of the sender, for logs.</summary>
    public string Product { get; init; } = "";

    /// <summary>The sender's name, for logs.</summary>
    public string Name { get; init; } = "";

    /// <summary>How many calls of the receiver may be under way on this connection.</summary>
    public int CallsMax { get; init; } = WireOptions.CallsMaxDefault;

    /// <summary>Which grid the sender belongs to; not said before version <see cref="WireProtocol.NamesGrid"/>.</summary>
    public string Grid { get; init; } = "";

    /// <summary>The version that both speak: the newest common one.</summary>
    /// <exception cref="WireVersionException">There is none.</exception>
    /// <exception cref="WireGridException">It is one in which grids are named, and the other is of another grid.</exception>
    public int Agree(Hello other)
    {
        var newest = Math.Min(Newest, other.Newest);
        if (newest < Math.Max(Oldest, other.Oldest))
        {
            throw new WireVersionException(
                $"'{other.Name}' (release {other.Product}) speaks the versions {other.Oldest} to {other.Newest} of the protocol between silos, "
                + $"'{Name}' (release {Product}) {Oldest} to {Newest}: upgrade one release at a time.");
        }

        return newest < WireProtocol.NamesGrid || Grid == other.Grid ? newest : throw new WireGridException(
            $"'{other.Name}' is of another grid than '{Name}': their key rings differ. All silos and gateways of a grid have copies of one ring.");
    }

    /// <summary>Writes the frame.</summary>
    public void Write(FrameBuffer target)
    {
        var mark = target.Begin(FrameKind.Hello);
        var writer = new CodecWriter(target);
        writer.WriteFixed32(Mark);
        writer.WriteVarint((uint)Oldest);
        writer.WriteVarint((uint)Newest);
        var fields = writer.BeginNested();
        writer.WriteKey(ProductKey);
        writer.WriteText(Product);
        writer.WriteKey(NameKey);
        writer.WriteText(Name);
        writer.WriteKey(CallsKey);
        writer.WriteVarint((uint)CallsMax);
        writer.WriteKey(GridKey);
        writer.WriteText(Grid);
        writer.EndNested(fields);
        writer.Complete();
        writer.Dispose();
        target.End(mark);
    }

    /// <summary>Reads the body of the frame.</summary>
    /// <exception cref="CodecException">The bytes are no hello.</exception>
    public static Hello Read(ReadOnlySpan<byte> body)
    {
        var reader = new CodecReader(body);
        if (reader.ReadFixed32() != Mark)
        {
            throw new CodecException("The peer is no silo and no gateway.");
        }

        var oldest = reader.ReadVarint32();
        var newest = reader.ReadVarint32();
        if (oldest is 0 or > VersionMax || newest > VersionMax || newest < oldest)
        {
            throw new CodecException("The peer's versions are out of range.");
        }

        var (product, name, calls, grid) = ("", "", (uint)WireOptions.CallsMaxDefault, "");
        if (reader.TryBeginNested(out var outer))
        {
            while (reader.TryReadKey(out var key))
            {
                switch (key)
                {
                    case ProductKey:
                        product = reader.ReadText() ?? "";
                        break;
                    case NameKey:
                        name = reader.ReadText() ?? "";
                        break;
                    case CallsKey:
                        calls = reader.ReadVarint32();
                        break;
                    case GridKey:
                        grid = reader.ReadText() ?? "";
                        break;
                    default:
                        reader.Skip(key);
                        break;
                }
            }

            reader.EndNested(outer);
        }

        return new Hello((int)oldest, (int)newest)
        {
            Product = product, Name = name, CallsMax = (int)Math.Clamp(calls, 1, WireOptions.CallsMaxLimit), Grid = grid,
        };
    }
}

/// <summary>Two silos speak no common version of the protocol.</summary>
public sealed class WireVersionException(string message) : Exception(message);

/// <summary>Two processes that met on the network belong to different grids.</summary>
public sealed class WireGridException(string message) : Exception(message);
