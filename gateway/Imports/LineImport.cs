using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Grid.Gateway.Calls;
using Grid.Gateway.Errors;

namespace Grid.Gateway.Imports;

/// <summary>The outcome of a line.</summary>
internal enum LineOutcome
{
    /// <summary>The line added something.</summary>
    Accepted,

    /// <summary>The line's content was stored before.</summary>
    Duplicate,

    /// <summary>The line is the heading, which is not counted.</summary>
    Heading,
}

/// <summary>
/// The outcome of a stream: every line is counted once. Lists the first <see cref="LineImport.MaxErrors"/> errors; the
/// import id, null when no line was refused, gives access to the others.
/// </summary>
public sealed record ImportAnswer(
    long Accepted,
    long Duplicates,
    long Conflicts,
    long Rejected,
    IReadOnlyList<LineError> Errors,
    Guid? ImportId = null
);

/// <summary>
/// Imports a stream of any length: many lines run at once, so that their writes share commits, and memory stays
/// bounded. An invalid line is counted and reported, and the next one still runs. A line that the grid is too busy for
/// is retried for about ten seconds: every line identifies its record, so a repeat is harmless.
/// </summary>
internal sealed class LineImport(int maxLineBytes, int maxInFlight, TimeProvider time, bool csv = false)
{
    /// <summary>Upper bound of the errors in an answer.</summary>
    internal const int MaxErrors = 100;

    /// <summary>Attempts per line; about ten seconds with the pauses.</summary>
    private const int MaxAttempts = 16;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _free = new(maxInFlight);
    private long _accepted;
    private long _duplicates;
    private long _conflicts;
    private long _rejected;
    private Exception? _failure;

    /// <summary>The lines that were refused.</summary>
    internal LineErrors Errors { get; } = new();

    /// <summary>Runs to the end of the body.</summary>
    /// <param name="body">The lines.</param>
    /// <param name="parse">Parses and validates a line; the bytes are reused after it returns.</param>
    /// <param name="take">Applies a parsed line; may be called again with the same line.</param>
    /// <param name="cancellation">Ends the run when the sender has disconnected.</param>
    internal async Task<ImportAnswer> RunAsync<T>(
        PipeReader body,
        Func<ReadOnlyMemory<byte>, T> parse,
        Func<T, ValueTask<LineOutcome>> take,
        CancellationToken cancellation
    )
    {
        var lines = new LineReader(body, maxLineBytes, csv);
        try
        {
            while (Volatile.Read(ref _failure) is null)
            {
                var kind = await lines.ReadAsync(cancellation);
                if (kind == LineKind.End)
                    break;
                if (kind == LineKind.TooLong)
                {
                    Reject(
                        lines.Number,
                        ErrorCodes.LineTooLong,
                        $"The line is longer than {maxLineBytes} bytes.{(csv ? " Is a quote left open?" : "")}"
                    );
                    continue;
                }
                if (!TryParse(lines, kind, parse, out var command))
                    continue;
                await _free.WaitAsync(cancellation);
                _ = TakeAsync(lines.Number, command, take, cancellation);
            }
        }
        finally
        {
            await IdleAsync();
        }
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
        return new ImportAnswer(_accepted, _duplicates, _conflicts, _rejected, Errors.First(MaxErrors));
    }

    /// <summary>Reads a line as JSON.</summary>
    internal static T Parse<T>(ReadOnlyMemory<byte> line, JsonTypeInfo<T> type)
    {
        var span = line.Span;
        if (span.StartsWith("\uFEFF"u8))
            span = span[3..];
        try
        {
            return JsonSerializer.Deserialize(span, type) ?? throw new RefusedException(ErrorCodes.JsonInvalid);
        }
        catch (JsonException json) when (JsonProblems.Find(json) is { } problem)
        {
            throw new RefusedException(problem.Code, problem.Detail);
        }
    }

    private bool TryParse<T>(LineReader lines, LineKind kind, Func<ReadOnlyMemory<byte>, T> parse, out T command)
    {
        try
        {
            command = parse(lines.Line);
            return true;
        }
        catch (RefusedException refused)
        {
            // The last record lacks values, so it was cut off.
            var code =
                kind == LineKind.Last && refused.Code == ErrorCodes.LineInvalid
                    ? ErrorCodes.LineTruncated
                    : refused.Code;
            Reject(lines.Number, code, refused.Detail);
        }
        catch (JsonException json)
        {
            if (kind == LineKind.Last && !IsWhole(lines.Line))
                Reject(lines.Number, ErrorCodes.LineTruncated, null);
            else
                Reject(lines.Number, ErrorCodes.JsonInvalid, Faults.Map(json).Detail);
        }
        command = default!;
        return false;
    }

    private static bool IsWhole(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private async Task TakeAsync<T>(
        int number,
        T command,
        Func<T, ValueTask<LineOutcome>> take,
        CancellationToken cancellation
    )
    {
        try
        {
            var outcome = await TakeUntilDoneAsync(command, take, cancellation);
            if (outcome == LineOutcome.Accepted)
                Interlocked.Increment(ref _accepted);
            else if (outcome == LineOutcome.Duplicate)
                Interlocked.Increment(ref _duplicates);
        }
        catch (RefusedException refused)
        {
            Reject(number, refused.Code, refused.Detail);
        }
        catch (ConflictException conflict)
        {
            Interlocked.Increment(ref _conflicts);
            Errors.Add(number, conflict.Code, conflict.Detail);
        }
        catch (Exception exception)
        {
            // Not caused by the line: stop the stream. The sender sees an error and sends the whole stream again.
            Interlocked.CompareExchange(ref _failure, exception, null);
        }
        finally
        {
            _free.Release();
        }
    }

    private async ValueTask<LineOutcome> TakeUntilDoneAsync<T>(
        T command,
        Func<T, ValueTask<LineOutcome>> take,
        CancellationToken cancellation
    )
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                RequestDeadline.Restart();
                return await take(command);
            }
            catch (Exception exception) when (attempt < MaxAttempts && Faults.Map(exception).Code.RetryAfterSeconds > 0)
            {
                await Task.Delay(pause, time, cancellation);
                pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
            }
        }
    }

    private void Reject(int line, ErrorCode code, string? detail)
    {
        Interlocked.Increment(ref _rejected);
        Errors.Add(line, code, detail);
    }

    private async Task IdleAsync()
    {
        for (var i = 0; i < maxInFlight; i++)
            await _free.WaitAsync(CancellationToken.None);
    }
}
