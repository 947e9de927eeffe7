using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Grid.Codec.Values;

namespace Grid.Codec;

/// <summary>Where generated code leaves its codecs, and where everyone finds them.</summary>
public static class CodecRegistry
{
    static CodecRegistry() => RegisterKnown();

    /// <summary>The codec of a type; <see cref="Codec{T}"/> is the same and shorter.</summary>
    /// <exception cref="CodecException">The type has none.</exception>
    public static ICodec<T> Get<T>() => Codec<T>.Instance;

    /// <summary>Makes a codec known; called by the module initialisers of generated code. A later one replaces it.</summary>
    public static void Register<T, TCodec>()
        where TCodec : struct, IValueCodec<T>
    {
        var adapter = new Adapter<T, TCodec>();
        Codec<T>.Set(adapter, adapter);
    }

    internal static ICodec<T> Find<T>([NotNull] ref ICodec<T>? slot)
    {
        Prepare<T>();
        return slot ?? throw Unknown<T>();
    }

    internal static ICopier<T> Find<T>([NotNull] ref ICopier<T>? slot)
    {
        Prepare<T>();
        return slot ?? throw Unknown<T>();
    }

    private static void Prepare<T>()
    {
        // A type may be asked for before any code of its module has run, and so before the module initialiser that
        // registers its codec. Running this class' own initialiser makes the known types known.
        RuntimeHelpers.RunClassConstructor(typeof(CodecRegistry).TypeHandle);
        if (!Codec<T>.IsRegistered)
            RuntimeHelpers.RunModuleConstructor(typeof(T).Module.ModuleHandle);
    }

    private static CodecException Unknown<T>() =>
        new($"No codec is known for {typeof(T)}. Mark the type with [GenerateSerializer].");

    private static void RegisterKnown()
    {
        Register<bool, BooleanCodec>();
        Register<byte, ByteCodec>();
        Register<sbyte, SByteCodec>();
        Register<short, Int16Codec>();
        Register<ushort, UInt16Codec>();
        Register<char, CharCodec>();
        Register<int, Int32Codec>();
        Register<uint, UInt32Codec>();
        Register<long, Int64Codec>();
        Register<ulong, UInt64Codec>();
        Register<float, SingleCodec>();
        Register<double, DoubleCodec>();
        Register<decimal, DecimalCodec>();
        Register<Guid, GuidCodec>();
        Register<DateTimeOffset, DateTimeOffsetCodec>();
        Register<DateTime, DateTimeCodec>();
        Register<TimeSpan, TimeSpanCodec>();
        Register<DateOnly, DateOnlyCodec>();
        Register<TimeOnly, TimeOnlyCodec>();
        Register<string, StringCodec>();
        Register<byte[], ByteArrayCodec>();
        Register<ReadOnlyMemory<byte>, ReadOnlyMemoryCodec>();
        Register<Exception, ExceptionCodec>();
    }

    private sealed class Adapter<T, TCodec> : ICodec<T>, ICopier<T>
        where TCodec : struct, IValueCodec<T>
    {
        public void Write(ref CodecWriter writer, T? value) => TCodec.Write(ref writer, value);

        public T? Read(ref CodecReader reader) => TCodec.Read(ref reader);

        public T? Copy(T? value) => TCodec.Copy(value);
    }
}
