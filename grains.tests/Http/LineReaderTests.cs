using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Grid.Gateway.Imports;

namespace Grid.Tests.Http;

public sealed class LineReaderTests
{
    private const int MaxLength = 16;
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "1 Last a")]
    [InlineData("a\n", "1 Whole a")]
    [InlineData("a\r\nb", "1 Whole a|2 Last b")]
    [InlineData("\n \n\t\na\n", "4 Whole a")]
    [InlineData("0123456789abcdef\n", "1 Whole 0123456789abcdef")]
    [InlineData("0123456789abcdefg\nb\n", "1 TooLong|2 Whole b")]
    [InlineData("a\n0123456789abcdefg", "1 Whole a|2 TooLong")]
    [InlineData("0123456789abcdef\r\nb\r\n", "1 Whole 0123456789abcdef|2 Whole b")]
    [InlineData("0123456789abcdef\r", "1 Last 0123456789abcdef")]
    [InlineData("0123456789abcdefg\r\nb\r\n", "1 TooLong|2 Whole b")]
    [InlineData("\uFEFFa\nb", "1 Whole a|2 Last b")]
    [InlineData("\uFEFF", "")]
    [InlineData("\n\n\r\n\na", "5 Last a")]
    public async Task Lines_are_cut_where_they_end(string text, string expected)
    {
        Assert.Equal(expected, await ReadAsync(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetByteCount(text)));
        Assert.Equal(expected, await ReadAsync(Encoding.UTF8.GetBytes(text), 1));
    }

    [Theory]
    [InlineData("a,\"b\nc\"\nd", "1 Whole a,\"b\nc\"|3 Last d")]
    [InlineData("a,\"b\r\n\r\nc\"\r\nd\r\n", "1 Whole a,\"b\r\n\r\nc\"|4 Whole d")]
    [InlineData("\"\"\"\n\"\"\"\nd\n", "1 Whole \"\"\"\n\"\"\"|3 Whole d")]
    [InlineData("a\"b\nc\"d\n", "1 Whole a\"b|2 Whole c\"d")] // a quote inside an unquoted value is text
    [InlineData("\"a\"b\nc\n", "1 Whole \"a\"b|2 Whole c")]
    [InlineData("\"0123456789\n0123456789\"\na\n", "1 TooLong|3 Whole a")]
    [InlineData("a\n\"0123456789\n0123456789\nb", "1 Whole a|2 TooLong")]
    [InlineData("a\n\"b\nc", "1 Whole a|2 Last \"b\nc")]
    public async Task A_line_break_inside_quotes_ends_no_record(string text, string expected)
    {
        Assert.Equal(expected, await ReadAsync(Encoding.UTF8.GetBytes(text), text.Length, quoted: true));
        Assert.Equal(expected, await ReadAsync(Encoding.UTF8.GetBytes(text), 1, quoted: true));
    }

    [Fact]
    public async Task A_stream_of_bare_line_breaks_lets_others_run()
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0));
        await pipe.Writer.WriteAsync(Enumerable.Repeat((byte)'\n', 1 << 20).Append((byte)'a').ToArray());
        await pipe.Writer.CompleteAsync();
        var reader = new LineReader(pipe.Reader, MaxLength);
        Assert.Equal(LineKind.Last, await reader.ReadAsync(CancellationToken.None).AsTask().WaitAsync(ReadTimeout));
        Assert.Equal((1 << 20) + 1, reader.Number);

        // The next read yields first: its continuation is posted, and runs when the test runs the posts.
        var posts = new Posts();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(posts);
        ValueTask<LineKind> next;
        try
        {
            next = reader.ReadAsync(CancellationToken.None);
            Assert.False(next.IsCompleted);
            Assert.Single(posts.Waiting);
            posts.Waiting[0]();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        Assert.Equal(LineKind.End, await next);
    }

    private sealed class Posts : SynchronizationContext
    {
        internal List<Action> Waiting { get; } = [];

        public override void Post(SendOrPostCallback d, object? state) => Waiting.Add(() => d(state));
    }

    [Fact]
    public void How_the_bytes_arrive_changes_nothing()
    {
        var texts =
            from parts in Gen.Elements("a", "bb", "\n", "\r\n", " ", "0123456789", "长").ListOf()
            from piece in Gen.Choose(1, 7)
            select (Text: string.Concat(parts), Piece: piece);
        Prop.ForAll(texts.ToArbitrary(), each =>
            {
                var bytes = Encoding.UTF8.GetBytes(each.Text);
                return ReadAsync(bytes, each.Piece).Result == ReadAsync(bytes, Math.Max(1, bytes.Length)).Result;
            })
            .QuickCheckThrowOnFailure();
    }

    private static async Task<string> ReadAsync(byte[] bytes, int piece, bool quoted = false)
    {
        var pipe = new Pipe();
        var writing = Task.Run(async () =>
        {
            for (var at = 0; at < bytes.Length; at += Math.Max(1, piece))
            {
                pipe.Writer.Write(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
                await pipe.Writer.FlushAsync();
            }
            await pipe.Writer.CompleteAsync();
        });
        var reader = new LineReader(pipe.Reader, MaxLength, quoted);
        var lines = new List<string>();
        while (
            await reader.ReadAsync(CancellationToken.None).AsTask().WaitAsync(ReadTimeout)
                is var kind
                    and not LineKind.End
        )
            lines.Add(
                kind == LineKind.TooLong
                    ? $"{reader.Number} {kind}"
                    : $"{reader.Number} {kind} {Encoding.UTF8.GetString(reader.Line.Span)}"
            );
        await writing.WaitAsync(ReadTimeout);
        return string.Join('|', lines);
    }
}
