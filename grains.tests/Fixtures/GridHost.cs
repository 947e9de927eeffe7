using System.Net;
using Grid.Gateway.Hosting;
using Grid.Gateway.Tokens;
using Grid.Residents;
using Grid.Silo.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Fixtures;

/// <summary>Runs the gateway's or the silo's program in this process, on a free port.</summary>
public class GridHost : IAsyncLifetime, IAsyncDisposable
{
    /// <summary>The fixed response time of a sign-in: short, to keep the tests fast.</summary>
    internal static readonly TimeSpan SignInAnswerAfter = TimeSpan.FromMilliseconds(150);

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static int _people;

    private TemporaryFolder? _ownFolder;
    private WebApplication? _app;

    /// <summary>The data folder. The default is a temporary folder, deleted with the host.</summary>
    internal string Data
    {
        get => field ??= (_ownFolder = new TemporaryFolder()).Path;
        init;
    }

    /// <summary>The program's settings by name. Tests add their own.</summary>
    internal Dictionary<string, string> Settings { get; } =
        new()
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Grid:Gateway:SignInAnswerAfter"] = $"{SignInAnswerAfter}",
            ["Grid:Gateway:LineBytesMax"] = "4096",
            // Above the defaults: a busy test machine is slow.
            ["Grid:Silo:ResponseTimeout"] = "00:00:20",
            ["Grid:Gateway:CallDeadline"] = "00:00:20",
        };

    /// <summary>Whether this is the silo's program.</summary>
    internal bool IsSilo { get; init; }

    /// <summary>Configures the builder after the program has.</summary>
    internal Action<WebApplicationBuilder>? Configure { get; init; }

    /// <summary>Maps the test's endpoints after the program's.</summary>
    internal Action<WebApplication>? Map { get; init; }

    /// <summary>The settings and the data folder as a command line.</summary>
    internal string[] Arguments =>
        [.. Settings.Select(static setting => $"--{setting.Key}={setting.Value}"), $"--Grid:Data={Data}"];

    internal HttpClient Http { get; private set; } = null!;

    internal IServiceProvider Services => _app!.Services;

    /// <summary>Builds calls with tokens signed by this host.</summary>
    internal GridCalls Calls { get; private set; } = null!;

    /// <summary>A client of this host.</summary>
    internal GridClient Client { get; private set; } = null!;

    /// <summary>A token of an operator, who may register people.</summary>
    internal string Staff => Token(Role.Operator, GridCalls.Staff);

    Task IAsyncLifetime.InitializeAsync() => StartAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    /// <summary>Starts the host. A stopped host can start again.</summary>
    internal virtual async Task StartAsync()
    {
        _app = IsSilo ? SiloHost.Build(Arguments, Configure) : GatewayHost.Build(Arguments, Configure);
        Map?.Invoke(_app);
        await _app.StartAsync().WaitAsync(StartTimeout);
        Http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()), Timeout = CallTimeout };
        // The silo's program serves no API.
        if (Services.GetService<AccessTokens>() is not { } minter)
            return;
        Calls = new GridCalls(new GridTokens(minter));
        Client = new GridClient(Http, Calls);
    }

    /// <summary>Stops the host and keeps its folder.</summary>
    internal async Task StopAsync()
    {
        if (_app is null)
            return;
        Http?.Dispose();
        await StopAppAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>Stops the application and keeps the HTTP client.</summary>
    internal Task StopAppAsync() => _app!.StopAsync().WaitAsync(StartTimeout);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _ownFolder?.Dispose();
        _ownFolder = null;
    }

    /// <summary>A person who is not registered yet.</summary>
    internal static Person NewPerson()
    {
        var number = Interlocked.Increment(ref _people);
        var birth = new DateOnly(1950, 1, 1).AddDays(number / 900);
        return new Person(IdNumber.Create(610102, birth, number % 900).Reveal(), "张小明", $"138{number:D8}");
    }

    internal string Token(Role role, string subject, TimeSpan? life = null) =>
        Services.GetRequiredService<AccessTokens>().Mint(role, subject, life ?? TimeSpan.FromHours(1)).Token;

    /// <summary>Registers a new person and mints a token for them.</summary>
    internal async Task<Resident> RegisterAsync()
    {
        var person = NewPerson();
        var answer = await Client.RegisterAsync(person);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var id = answer.Value.ResidentId;
        return new Resident(id, person, Token(Role.Resident, id.ToString()));
    }

    /// <summary>What a resident's phone shows now.</summary>
    internal Task<DisplayReply> DisplayAsync(Resident resident) => DisplayAsync(resident.Token);

    internal async Task<DisplayReply> DisplayAsync(string token)
    {
        var answer = await Client.DisplayAsync(token);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Value;
    }

    /// <summary>The code that a resident's phone shows now.</summary>
    internal async Task<string> CodeAsync(Resident resident) => (await DisplayAsync(resident)).Token!;

    /// <summary>Registers a venue and returns its id.</summary>
    internal async Task<string> VenueAsync(object policy)
    {
        var venueId = $"venue-{Guid.NewGuid():N}";
        Assert.Equal(HttpStatusCode.OK, (await Client.PutVenueAsync(venueId, policy)).Status);
        return venueId;
    }

    internal Task<Answer> CallAsync(
        HttpMethod method,
        string path,
        string? token,
        object? body = null,
        params (string Name, string Value)[] headers
    ) => Http.CallAsync(method, path, token, body, headers);

    internal Task<Answer> CallTextAsync(
        HttpMethod method,
        string path,
        string? token,
        string body,
        string type = "application/json"
    ) => Http.CallTextAsync(method, path, token, body, type);

    internal Task<Answer> SendAsync(
        HttpMethod method,
        string path,
        string? token,
        HttpContent? content,
        params (string Name, string Value)[] headers
    ) => Http.SendAsync(method, path, token, content, headers);
}

/// <summary>A person to register.</summary>
internal sealed record Person(string IdNumber, string Name, string Phone)
{
    internal object Registration() =>
        new
        {
            idNumber = IdNumber,
            name = Name,
            phone = Phone,
            district = "610102",
        };
}

/// <summary>A registered resident with a token.</summary>
internal sealed record Resident(Guid Id, Person Person, string Token);
