using System.Text;
using Grid.Bench.Load.Http;

namespace Grid.Tests.Bench;

public sealed class ResponseParserTests
{
    private const string WithLength = "HTTP/1.1 200 OK\r\ncontent-LENGTH: 5\r\nContent-Type: text/plain\r\n\r\nhello";

    private const string Chunked =
        "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\nA\r\no, world!!\r\n0\r\n\r\n";

    [Theory]
    [InlineData(WithLength, 200, "hello")]
    [InlineData(Chunked, 202, "hello, world!!")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n", 304, "")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204, "")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, "")]
    public void A_whole_answer_is_read(string text, int status, string body)
    {
        var bytes = Encoding.ASCII.GetBytes(text);

        Assert.Equal(ParseState.Complete, ResponseParser.TryParse(bytes, out var response));
        Assert.Equal(status, response.Status);
        Assert.Equal(body, Encoding.ASCII.GetString(response.Body));
        Assert.Equal(bytes.Length, response.Length);
        Assert.True(response.KeepAlive);
    }

    [Theory]
    [InlineData(WithLength)]
    [InlineData(Chunked)]
    public void An_answer_cut_anywhere_is_incomplete_and_then_whole(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var cut = 0; cut < bytes.Length; cut++)
            Assert.Equal(ParseState.Incomplete, ResponseParser.TryParse(bytes.AsSpan(0, cut), out _));

        Assert.Equal(ParseState.Complete, ResponseParser.TryParse(bytes, out var response));
        Assert.StartsWith("hello", Encoding.ASCII.GetString(response.Body));
    }

    [Fact]
    public void Bytes_after_an_answer_are_not_consumed()
    {
        var bytes = Encoding.ASCII.GetBytes(WithLength + "HTTP/1.1 5");

        Assert.Equal(ParseState.Complete, ResponseParser.TryParse(bytes, out var response));
        Assert.Equal(WithLength.Length, response.Length);
    }

    [Fact]
    public void A_closing_server_is_recognised()
    {
        var bytes = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

        Assert.Equal(ParseState.Complete, ResponseParser.TryParse(bytes, out var response));
        Assert.False(response.KeepAlive);
    }

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nno length")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\nhello\r\n")]
    [InlineData("ICY 200 OK and some more\r\n\r\n")]
    public void An_invalid_answer_of_a_keep_alive_server_is_malformed(string text) =>
        Assert.Equal(ParseState.Malformed, ResponseParser.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Fields_of_a_body_are_found_by_name()
    {
        var body = """{"scanId":"a","admit":true, "token": "HK1:abc","n":1}"""u8;

        Assert.True(BodyFields.TryString(body, "\"token\":"u8, out var token));
        Assert.Equal("HK1:abc", Encoding.ASCII.GetString(token));
        Assert.True(BodyFields.Begins(body, "\"admit\":"u8, "true"u8));
        Assert.False(BodyFields.TryString(body, "\"n\":"u8, out _));
        Assert.False(BodyFields.TryString(body, "\"colour\":"u8, out _));
    }

    [Fact]
    public void The_length_of_a_body_is_written_into_its_head_afterwards()
    {
        var request = new RequestBuffer();
        var start = request.BeginBody("POST /x HTTP/1.1\r\n"u8);
        for (var i = 0; i < 500; i++)
            request.Append(Guid.Empty);
        request.EndBody(start);

        var text = Encoding.ASCII.GetString(request.Written);
        Assert.StartsWith("POST /x HTTP/1.1\r\nContent-Length: 0018000\r\n\r\n00000000-", text);
    }
}
