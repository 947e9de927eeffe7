using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Grid.Tests.Fixtures;

/// <summary>Sends HTTP calls to a gateway in this process or another.</summary>
internal static class HttpCalls
{
    /// <summary>Sends an object as JSON, or no body.</summary>
    internal static async Task<Answer> CallAsync(
        this HttpClient http,
        HttpMethod method,
        string path,
        string? token,
        object? body = null,
        params (string Name, string Value)[] headers
    )
    {
        using var content = body is null
            ? null
            : Text(JsonSerializer.Serialize(body, JsonSerializerOptions.Web), "application/json");
        return await http.SendAsync(method, path, token, content, headers);
    }

    /// <summary>Sends a text unchanged.</summary>
    internal static async Task<Answer> CallTextAsync(
        this HttpClient http,
        HttpMethod method,
        string path,
        string? token,
        string body,
        string type = "application/json"
    )
    {
        using var content = Text(body, type);
        return await http.SendAsync(method, path, token, content);
    }

    /// <summary>Sends content with headers; neither the token nor the headers are checked.</summary>
    internal static async Task<Answer> SendAsync(
        this HttpClient http,
        HttpMethod method,
        string path,
        string? token,
        HttpContent? content,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await http.AnswerAsync(request);
    }

    /// <summary>Sends a request and reads the whole answer.</summary>
    internal static async Task<Answer> AnswerAsync(this HttpClient http, HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, response.Content.Headers.ContentType?.MediaType, text, response.Headers);
    }

    private static StringContent Text(string body, string type) => new(body, Encoding.UTF8, type);
}

/// <summary>A response of the gateway.</summary>
internal record Answer(HttpStatusCode Status, string? Type, string Text, HttpResponseHeaders Headers)
{
    /// <summary>The parsed JSON, for tests of the JSON itself.</summary>
    internal JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The problem. Asserts that every required member is present.</summary>
    internal ProblemReply Problem
    {
        get
        {
            Assert.Equal("application/problem+json", Type);
            var problem = GridJson.Read<ProblemReply>(Text);
            foreach (var text in new[] { problem.Type, problem.Title, problem.Detail, problem.Code, problem.TraceId })
                Assert.NotEqual("", text);
            Assert.Equal((int)Status, problem.Status);
            return problem;
        }
    }

    /// <summary>The stable code of the problem.</summary>
    internal string Code => Problem.Code;

    internal Answer<T> As<T>() => new(Status, Type, Text, Headers);

    internal void Refused(int status, string code) => Assert.Equal((status, code), ((int)Status, Code));
}

/// <summary>A response with a typed body, unless the call was refused.</summary>
internal sealed record Answer<T>(HttpStatusCode Status, string? Type, string Text, HttpResponseHeaders Headers)
    : Answer(Status, Type, Text, Headers)
{
    /// <summary>The body. Fails the test if the call was refused.</summary>
    internal T Value
    {
        get
        {
            Assert.True((int)Status is >= 200 and < 300, $"{(int)Status}: {Text}");
            return GridJson.Read<T>(Text);
        }
    }
}

/// <summary>Reads JSON strictly: members of the contract are required, additional ones are ignored.</summary>
internal static class GridJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerOptions.Web)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    internal static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Options)!;
}
