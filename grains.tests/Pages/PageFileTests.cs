using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Pages;

[Collection(DemoCollection.Name)]
public sealed class PageFileTests(DemoGrid grid)
{
    [Fact]
    public async Task The_entry_is_revalidated_each_time_and_answers_304_when_unchanged()
    {
        using var first = await grid.Http.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("text/html", first.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no-cache", first.Headers.CacheControl!.ToString());

        using var again = new HttpRequestMessage(HttpMethod.Get, "/");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await grid.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("{0}", true)]
    [InlineData("W/{0}", true)]
    [InlineData("\"x\", W/{0}", true)]
    [InlineData("*", true)]
    [InlineData("\"x\", W/\"y\"", false)]
    [InlineData("{0}x", false)]
    public async Task A_known_version_is_known_in_every_form(string form, bool known)
    {
        foreach (string path in new[] { "/", "/page.css", "/qr.js", "/fields.js", "/page.js" })
        {
            using var first = await grid.Http.GetAsync(path);
            using var again = new HttpRequestMessage(HttpMethod.Get, path);
            string header = form.Replace("{0}", first.Headers.ETag!.Tag, StringComparison.Ordinal);
            again.Headers.TryAddWithoutValidation("If-None-Match", header);
            using var second = await grid.Http.SendAsync(again);
            Assert.Equal((path, known ? HttpStatusCode.NotModified : HttpStatusCode.OK), (path, second.StatusCode));
        }
    }

    [Fact]
    public async Task The_entry_names_its_parts_by_version_and_they_are_cached_for_a_year()
    {
        string html = await grid.Http.GetStringAsync("/");
        string[] parts = Regex
            .Matches(html, @"(?:src|href)=""([^""]+\?v=[^""]+)""")
            .Select(m => m.Groups[1].Value)
            .ToArray();
        Assert.Equal(4, parts.Length);
        foreach (string part in parts)
        {
            using var answer = await grid.Http.GetAsync("/" + part);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(TimeSpan.FromDays(365), answer.Headers.CacheControl!.MaxAge);
            using var stale = await grid.Http.GetAsync($"/{part}0");
            Assert.Equal("no-cache", stale.Headers.CacheControl!.ToString());
        }
    }

    [Fact]
    public async Task Every_file_allows_only_its_own_scripts_and_has_none_inline()
    {
        string html = await grid.Http.GetStringAsync("/");
        Assert.DoesNotMatch(@"<script(?![^>]*\ssrc=)|\son\w+=|<style|\sstyle=|javascript:", html);
        using var answer = await grid.Http.GetAsync("/");
        string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData("br, gzip", true)]
    [InlineData("gzip, deflate, br, zstd", true)]
    [InlineData("gzip", false)]
    [InlineData("br;q=0", false)]
    public async Task A_browser_that_accepts_brotli_gets_it(string accepted, bool expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page.js");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        using var answer = await grid.Http.SendAsync(request);
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(expected, answer.Content.Headers.ContentEncoding.Contains("br"));
        if (!expected)
            return;
        using var unpacked = new MemoryStream();
        await using (var brotli = new BrotliStream(new MemoryStream(body), CompressionMode.Decompress))
            await brotli.CopyToAsync(unpacked);
        Assert.Equal(await grid.Http.GetByteArrayAsync("/page.js"), unpacked.ToArray());
    }

    [Fact]
    public async Task The_whole_page_is_a_few_kilobytes_on_the_wire()
    {
        long total = 0;
        foreach (string path in new[] { "/", "/page.css", "/qr.js", "/fields.js", "/page.js" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("br"));
            using var answer = await grid.Http.SendAsync(request);
            total += answer.Content.Headers.ContentLength!.Value;
        }

        Assert.InRange(total, 1, 12 * 1024);
    }
}
