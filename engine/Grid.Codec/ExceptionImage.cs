using System.Collections.Immutable;

namespace Grid.Codec;

/// <summary>What of an exception goes from one process to another.</summary>
/// <param name="Type">The name under which its type is registered, or the full name of the type.</param>
/// <param name="Message">Its message.</param>
/// <param name="Inner">Its inner exception, made anew.</param>
/// <param name="Details">What its type adds, as its registration describes it.</param>
public sealed record ExceptionImage(string Type, string Message, Exception? Inner, ImmutableArray<string?> Details)
{
    /// <summary>A detail, or null where the sender had none of that number.</summary>
    public string? Detail(int index) => index < Details.Length ? Details[index] : null;
}
