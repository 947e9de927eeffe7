namespace Grid.Codec.Values;

/// <summary>What the codecs of all collections do with their elements: a count, then one value behind the other.</summary>
internal static class Elements<T, TCodec>
    where TCodec : struct, IValueCodec<T>
{
    public static void Write(ref CodecWriter writer, ReadOnlySpan<T> elements)
    {
        var mark = writer.BeginNested();
        writer.WriteVarint((uint)elements.Length);
        foreach (var element in elements)
            TCodec.Write(ref writer, element);
        writer.EndNested(mark);
    }

    public static T[] Read(ref CodecReader reader)
    {
        var count = reader.ReadCount();
        if (count == 0)
            return [];
        if (count > CodecLimits.ElementsPresized)
            return [.. ReadMany(ref reader, count)];
        var elements = new T[count];
        for (var index = 0; index < elements.Length; index++)
            elements[index] = TCodec.Read(ref reader)!;
        return elements;
    }

    public static List<T> ReadList(ref CodecReader reader) => ReadMany(ref reader, reader.ReadCount());

    public static T[] Copy(ReadOnlySpan<T> elements)
    {
        if (TCodec.IsImmutable)
            return elements.ToArray();
        var copy = new T[elements.Length];
        for (var index = 0; index < copy.Length; index++)
            copy[index] = TCodec.Copy(elements[index])!;
        return copy;
    }

    private static List<T> ReadMany(ref CodecReader reader, int count)
    {
        var elements = new List<T>(Math.Min(count, CodecLimits.ElementsPresized));
        for (var index = 0; index < count; index++)
            elements.Add(TCodec.Read(ref reader)!);
        return elements;
    }
}
