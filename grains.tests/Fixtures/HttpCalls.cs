using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Grid.Tests.Fixtures;

/// <summary>Calls to a gateway, in this process or another, as phones and machines make them.</summary>
internal static class HttpCalls
{
    /// <summary>Sends an object as JSON, or no body.</summary>
    internal static async Task<Answer> CallAsync(
        this HttpClient http, HttpMethod method, string path, string? token, object? body = null, params (string Name, string Value)[] headers)
    {
        using var content = body is null ? null : Text(JsonSerializer.Serialize(body, JsonSerializerOptions.Web), "application/json");
        return await http.SendAsync(method, path, token, content, headers);
    }

    /// <summary>Sends a text as it is.</summary>
    internal static async Task<Answer> CallTextAsync(
        this HttpClient http, HttpMethod method, string path, string? token, string body, string type = "application/json")
    {
        using var content = Text(body, type);
        return await http.SendAsync(method, path, token, content);
    }

    /// <summary>Sends content with headers; neither the token nor the headers are checked.</summary>
    internal static async Task<Answer> SendAsync(
        this HttpClient http, HttpMethod method, string path, string? token, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, response.Content.Headers.ContentType?.MediaType, text, response.Headers);
    }

    private static StringContent Text(string body, string type) => new(body, Encoding.UTF8, type);
}

/// <summary>What the gateway answered.</summary>
internal sealed record Answer(HttpStatusCode Status, string? Type, string Text, HttpResponseHeaders Headers)
{
    internal JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The stable code; every error must have the whole shape.</summary>
    internal string Code
    {
        get
        {
            Assert.Equal("application/problem+json", Type);
            var problem = Json;
            foreach (var member in new[] { "type", "title", "detail", "code", "traceId" })
                Assert.False(string.IsNullOrEmpty(problem.GetProperty(member).GetString()), member);
            Assert.Equal((int)Status, problem.GetProperty("status").GetInt32());
            return problem.GetProperty("code").GetString()!;
        }
    }

    internal void Refused(int status, string code) => Assert.Equal((status, code), ((int)Status, Code));
}
