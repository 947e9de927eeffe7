using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grid.Gateway.Hosting;
using Grid.Gateway.Tokens;
using Grid.Residents;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Http;

/// <summary>A whole grid in this process: Kestrel on a free port, a data folder of its own.</summary>
public sealed class GridHost : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static int s_people;

    private WebApplication? _app;

    public GridHost()
        : this(Directory.CreateTempSubdirectory("grid-http-").FullName)
    {
    }

    /// <summary>A grid on a given data folder.</summary>
    internal GridHost(string data) => Data = data;

    internal string Data { get; }

    /// <summary>Settings beside those that every test needs.</summary>
    internal string[] Settings { get; init; } = [];

    /// <summary>Changes the host last.</summary>
    internal Action<WebApplicationBuilder>? Configure { get; init; }

    internal HttpClient Http { get; private set; } = null!;

    internal IServiceProvider Services => _app!.Services;

    public async Task InitializeAsync()
    {
        _app = GatewayHost.Build(
            ["--urls", "http://127.0.0.1:0", "--Grid:Data", Data, "--Grid:Gateway:SignInAnswerAfter", "00:00:00.500", "--Grid:Gateway:LineBytesMax", "4096",
                // A busy machine may take longer than callers would wait.
                "--Grid:Silo:ResponseTimeout", "00:00:20", "--Grid:Gateway:CallDeadline", "00:00:20", .. Settings],
            Configure);
        await _app.StartAsync().WaitAsync(StartTimeout);
        Http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()), Timeout = CallTimeout };
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Data, recursive: true);
    }

    /// <summary>Shuts it down and leaves its folder.</summary>
    internal async Task StopAsync()
    {
        if (_app is null)
            return;
        Http.Dispose();
        await _app.StopAsync().WaitAsync(StartTimeout);
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>Stops the application and leaves its callers connected.</summary>
    internal Task StopAppAsync() => _app!.StopAsync().WaitAsync(StartTimeout);

    /// <summary>A person nobody has registered yet.</summary>
    internal static Person NewPerson()
    {
        var number = Interlocked.Increment(ref s_people);
        var birth = new DateOnly(1950, 1, 1).AddDays(number / 900);
        return new Person(IdNumber.Create(610102, birth, number % 900).Reveal(), "张小明", $"138{number:D8}");
    }

    internal string Token(Role role, string subject, TimeSpan? life = null)
        => Services.GetRequiredService<AccessTokens>().Mint(role, subject, life ?? TimeSpan.FromHours(1)).Token;

    /// <summary>A token of the staff that registers people.</summary>
    internal string Staff => Token(Role.Operator, "hotline/anna");

    /// <summary>Registers somebody new and signs them in.</summary>
    internal async Task<Resident> RegisterAsync()
    {
        var person = NewPerson();
        var answer = await CallAsync(HttpMethod.Post, "/v1/residents", Staff, person.Registration());
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var id = answer.Json.GetProperty("residentId").GetGuid();
        return new Resident(id, person, Token(Role.Resident, id.ToString()));
    }

    /// <summary>The code that a resident's phone shows now.</summary>
    internal async Task<JsonElement> DisplayAsync(Resident resident)
    {
        var answer = await CallAsync(HttpMethod.Get, "/v1/me/code", resident.Token);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Json;
    }

    internal async Task<string> CodeAsync(Resident resident) => (await DisplayAsync(resident)).GetProperty("token").GetString()!;

    internal async Task<string> VenueAsync(object policy)
    {
        var venueId = $"venue-{Guid.NewGuid():N}";
        var answer = await CallAsync(
            HttpMethod.Put, $"/v1/venues/{venueId}", Token(Role.Admin, "admin-1"), new { name = "钟楼", district = "610102", policy });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return venueId;
    }

    internal Task<Answer> CallAsync(HttpMethod method, string path, string? token, object? body = null)
        => SendAsync(method, path, token, body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"));

    internal Task<Answer> CallTextAsync(HttpMethod method, string path, string? token, string body, string type = "application/json")
        => SendAsync(method, path, token, new StringContent(body, Encoding.UTF8, type));

    internal async Task<Answer> SendAsync(HttpMethod method, string path, string? token, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, response.Content.Headers.ContentType?.MediaType, text, response.Headers);
    }
}

/// <summary>Somebody to register.</summary>
internal sealed record Person(string IdNumber, string Name, string Phone)
{
    internal object Registration() => new { idNumber = IdNumber, name = Name, phone = Phone, district = "610102" };
}

/// <summary>Somebody registered and signed in.</summary>
internal sealed record Resident(Guid Id, Person Person, string Token);

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
