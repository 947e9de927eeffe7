using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Grid.Gateway.Http;

namespace Grid.Tests.Http;

public sealed class LineReaderTests
{
    private const int LengthMax = 16;
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
    public async Task Lines_are_cut_where_they_end(string text, string expected)
        => Assert.Equal(expected, await ReadAsync(Encoding.UTF8.GetBytes(text), text.Length));

    [Fact]
    public void How_the_bytes_arrive_changes_nothing()
    {
        var texts = from parts in Gen.Elements("a", "bb", "\n", "\r\n", " ", "0123456789", "长").ListOf()
                    from piece in Gen.Choose(1, 7)
                    select (Text: string.Concat(parts), Piece: piece);
        Prop.ForAll(texts.ToArbitrary(), each =>
        {
            var bytes = Encoding.UTF8.GetBytes(each.Text);
            return ReadAsync(bytes, each.Piece).Result == ReadAsync(bytes, Math.Max(1, bytes.Length)).Result;
        }).QuickCheckThrowOnFailure();
    }

    private static async Task<string> ReadAsync(byte[] bytes, int piece)
    {
        var pipe = new Pipe();
        var writing = Task.Run(async () =>
        {
            for (var at = 0; at < bytes.Length; at += piece)
            {
                pipe.Writer.Write(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
                await pipe.Writer.FlushAsync();
            }
            await pipe.Writer.CompleteAsync();
        });
        var reader = new LineReader(pipe.Reader, LengthMax);
        var lines = new List<string>();
        while (await reader.ReadAsync(CancellationToken.None).AsTask().WaitAsync(ReadTimeout) is var kind and not LineKind.End)
            lines.Add(kind == LineKind.TooLong ? $"{reader.Number} {kind}" : $"{reader.Number} {kind} {Encoding.UTF8.GetString(reader.Line.Span)}");
        await writing.WaitAsync(ReadTimeout);
        return string.Join('|', lines);
    }
}
