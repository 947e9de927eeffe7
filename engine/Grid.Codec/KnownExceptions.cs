using System.Collections.Concurrent;

namespace Grid.Codec;

/// <summary>
/// The exceptions that arrive in another process with the type that they were thrown with. All others arrive as a
/// <see cref="RemoteGrainException"/>. No type is ever found by the name in the bytes.
/// </summary>
public static class KnownExceptions
{
    private static readonly ConcurrentDictionary<Type, Known> s_byType = new();
    private static readonly ConcurrentDictionary<string, Known> s_byName = new(StringComparer.Ordinal);

    static KnownExceptions()
    {
        Register(image => new TimeoutException(image.Message, image.Inner));
        Register(image => new OperationCanceledException(image.Message, image.Inner));
        Register(image => new TaskCanceledException(image.Message, image.Inner));
        Register(image => new InvalidOperationException(image.Message, image.Inner));
        Register(image => new NotSupportedException(image.Message, image.Inner));
        Register(image => new NotImplementedException(image.Message, image.Inner));
        Register(image => new ArgumentException(image.Message, image.Inner));
        Register(image => new FormatException(image.Message, image.Inner));
        Register(image => new KeyNotFoundException(image.Message, image.Inner));
        Register(image => new UnauthorizedAccessException(image.Message, image.Inner));
        Register(image => new IOException(image.Message, image.Inner));
        Register(image => new CodecException(image.Message, image.Inner!));
        Register(image => new RemoteGrainException(image.Detail(0) ?? "", image.Message, image.Inner), thrown => [thrown.TypeName]);
    }

    /// <summary>Makes a type of exceptions known; a later registration replaces an earlier one.</summary>
    /// <param name="rebuild">Makes the exception from what arrived.</param>
    /// <param name="describe">What the type adds to message and inner exception, for <see cref="ExceptionImage.Details"/>.</param>
    public static void Register<TException>(
        Func<ExceptionImage, TException> rebuild, Func<TException, string?[]>? describe = null)
        where TException : Exception
    {
        var known = new Known(
            typeof(TException).FullName!,
            rebuild,
            describe is null ? null : thrown => describe((TException)thrown));
        s_byType[typeof(TException)] = known;
        s_byName[known.Name] = known;
    }

    internal static Known? Of(Type type) => s_byType.GetValueOrDefault(type);

    internal static Known? Of(string name) => s_byName.GetValueOrDefault(name);

    /// <summary>How a type of exceptions is named, described and made again.</summary>
    internal sealed record Known(string Name, Func<ExceptionImage, Exception> Rebuild, Func<Exception, string?[]>? Describe);
}
