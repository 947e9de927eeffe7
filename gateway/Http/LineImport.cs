using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Grid.Gateway.Errors;

namespace Grid.Gateway.Http;

/// <summary>What became of a line.</summary>
internal enum LineOutcome
{
    /// <summary>It brought something new.</summary>
    Accepted,

    /// <summary>It was there before.</summary>
    Duplicate,

    /// <summary>It names the columns of the others, and is counted as none of them.</summary>
    Heading,
}

/// <summary>A line that was refused, by its number from 1.</summary>
public sealed record LineError(int Line, string Code);

/// <summary>What became of a stream: every line is counted once. The first <see cref="LineImport.ErrorsMax"/> errors are listed.</summary>
public sealed record ImportAnswer(long Accepted, long Duplicates, long Rejected, IReadOnlyList<LineError> Errors);

/// <summary>
/// Takes a stream of lines of any length: many lines at work at once, so that their writes share commits, and never
/// more than the bound in memory. A bad line is counted and named; the next one is still taken.
/// </summary>
internal sealed class LineImport(int lineBytesMax, int inFlightMax)
{
    /// <summary>Errors that an answer lists.</summary>
    internal const int ErrorsMax = 100;

    private readonly SemaphoreSlim _free = new(inFlightMax);
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, string> _errors = [];
    private long _accepted;
    private long _duplicates;
    private long _rejected;
    private Exception? _fault;

    internal async Task<ImportAnswer> RunAsync(
        PipeReader body, Func<ReadOnlyMemory<byte>, ValueTask<LineOutcome>> take, CancellationToken cancellation)
    {
        var lines = new LineReader(body, lineBytesMax);
        try
        {
            while (Volatile.Read(ref _fault) is null)
            {
                var kind = await lines.ReadAsync(cancellation);
                if (kind == LineKind.End)
                    break;
                if (kind == LineKind.TooLong)
                {
                    Reject(lines.Number, ErrorCodes.LineTooLong);
                    continue;
                }
                await _free.WaitAsync(cancellation);
                // Whatever completes at once needs no copy of the line: only its parse looks at the bytes.
                _ = TakeAsync(lines.Number, kind, lines.Line, take);
            }
        }
        finally
        {
            await IdleAsync();
        }
        if (_fault is not null)
            throw _fault;
        return new ImportAnswer(_accepted, _duplicates, _rejected, [.. _errors.Select(error => new LineError(error.Key, error.Value))]);
    }

    /// <summary>Reads a line as JSON. A handler parses before its first await: the bytes are re-used after it.</summary>
    internal static T Parse<T>(ReadOnlyMemory<byte> line, JsonTypeInfo<T> type)
    {
        var span = line.Span;
        if (span.StartsWith("\uFEFF"u8))
            span = span[3..];
        return JsonSerializer.Deserialize(span, type) ?? throw new RefusedException(ErrorCodes.JsonInvalid);
    }

    private async Task TakeAsync(int number, LineKind kind, ReadOnlyMemory<byte> line, Func<ReadOnlyMemory<byte>, ValueTask<LineOutcome>> take)
    {
        try
        {
            var outcome = await take(line);
            if (outcome != LineOutcome.Heading)
                Interlocked.Increment(ref outcome == LineOutcome.Accepted ? ref _accepted : ref _duplicates);
        }
        catch (RefusedException refused)
        {
            Reject(number, refused.Code);
        }
        catch (JsonException)
        {
            Reject(number, kind == LineKind.Last ? ErrorCodes.LineTruncated : ErrorCodes.JsonInvalid);
        }
        catch (Exception fault)
        {
            // Not the line's fault: the stream stops, the sender sees an error and sends the whole again.
            Interlocked.CompareExchange(ref _fault, fault, null);
        }
        finally
        {
            _free.Release();
        }
    }

    private void Reject(int line, ErrorCode code)
    {
        lock (_gate)
        {
            _rejected++;
            _errors[line] = code.Code;
            // Lines finish in any order; the lowest numbers are the ones to tell.
            if (_errors.Count > ErrorsMax)
                _errors.Remove(_errors.Keys.Last());
        }
    }

    private async Task IdleAsync()
    {
        for (var i = 0; i < inFlightMax; i++)
            await _free.WaitAsync(CancellationToken.None);
    }
}
