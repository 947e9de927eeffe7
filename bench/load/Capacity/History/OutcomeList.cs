namespace Grid.Bench.Load.Capacity.History;

/// <summary>Splits the answer to a batch of scans into its outcomes, in order.</summary>
internal static class OutcomeList
{
    /// <summary>Takes the first outcome off the rest of the array; false at its end.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> outcome)
    {
        outcome = default;
        var start = rest.IndexOf("{\"scanId\":"u8);
        if (start < 0)
            return false;
        var next = rest[(start + 1)..].IndexOf(",{\"scanId\":"u8);
        var end = next >= 0 ? start + 1 + next : rest.LastIndexOf((byte)']');
        if (end <= start)
            return false;
        outcome = rest[start..end];
        rest = next >= 0 ? rest[(end + 1)..] : default;
        return true;
    }
}
