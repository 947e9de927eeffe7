using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Grid.Gateway.Calls;
using Grid.Gateway.Errors;

namespace Grid.Gateway.Imports;

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

/// <summary>
/// What became of a stream: every line is counted once. The first <see cref="LineImport.MaxErrors"/> errors are listed;
/// the others are had by the import's id, which is null when no line was refused.
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
/// Takes a stream of lines of any length: many lines at work at once, so that their writes share commits, and never
/// more than the bound in memory. A bad line is counted and named; the next one is still taken. A line that the grid is
/// too busy for is tried again for a while: every line names what it brings, so a repeat does no harm.
/// </summary>
internal sealed class LineImport(int maxLineBytes, int maxInFlight, TimeProvider time, bool csv = false)
{
    /// <summary>Errors that an answer lists.</summary>
    internal const int MaxErrors = 100;

    /// <summary>How often a line is tried; with the pauses about ten seconds.</summary>
    private const int MaxAttempts = 16;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _free = new(maxInFlight);
    private long _accepted;
    private long _duplicates;
    private long _conflicts;
    private long _rejected;
    private Exception? _fault;

    /// <summary>The lines that were refused.</summary>
    internal LineErrors Errors { get; } = new();

    /// <summary>Runs to the end of the body.</summary>
    /// <param name="body">The lines.</param>
    /// <param name="parse">Reads and checks a line; the bytes are re-used when it returns.</param>
    /// <param name="take">Takes in what was read; may be called again with the same.</param>
    /// <param name="cancellation">Ends the run when the sender has gone.</param>
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
            while (Volatile.Read(ref _fault) is null)
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
        if (_fault is not null)
            ExceptionDispatchInfo.Throw(_fault);
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
            // A last record that lacks values was cut off.
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
            catch (Exception busy) when (attempt < MaxAttempts && Faults.Map(busy).Code.RetryAfterSeconds > 0)
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
