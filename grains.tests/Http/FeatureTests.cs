using System.Net;
using Grid.Gateway.Access;
using Grid.Gateway.Requests;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Http;

/// <summary>A feature adds services and endpoints. The rules of the gateway apply to it without further code.</summary>
public sealed class FeatureTests
{
    [Fact]
    public async Task A_feature_is_added_without_changing_another()
    {
        await using var grid = new GridHost
        {
            Configure = static builder => builder.Services.AddGreetings(),
            Map = static app => app.MapGreetings(),
        };
        await grid.StartAsync();
        var admin = grid.Token(Role.Admin, "admin-1");

        var greeted = await grid.CallAsync(HttpMethod.Get, "/v1/greetings/anna", admin);
        Assert.Equal((HttpStatusCode.OK, "\"Good morning, anna\""), (greeted.Status, greeted.Text));

        var anonymous = await grid.CallAsync(HttpMethod.Get, "/v1/greetings/anna", token: null);
        Assert.Equal((HttpStatusCode.Unauthorized, "token-missing"), (anonymous.Status, anonymous.Code));
        var door = await grid.CallAsync(
            HttpMethod.Get,
            "/v1/greetings/anna",
            grid.Token(Role.Device, "metro-1/door-1")
        );
        Assert.Equal((HttpStatusCode.Forbidden, "role-forbidden"), (door.Status, door.Code));
        var wrong = await grid.CallAsync(HttpMethod.Get, "/v1/greetings/a%20b", admin);
        Assert.Equal((HttpStatusCode.BadRequest, "field-invalid"), (wrong.Status, wrong.Code));

        var description = await grid.CallAsync(HttpMethod.Get, "/openapi/v1.json", token: null);
        Assert.True(description.Json.GetProperty("paths").TryGetProperty("/v1/greetings/{name}", out _));
        await grid.DisplayAsync(await grid.RegisterAsync());
    }

    [Fact]
    public async Task A_route_without_a_rule_stops_the_start()
    {
        await using var grid = new GridHost { Map = static app => app.MapGet("/v1/open", static () => "open") };
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(grid.StartAsync);
        Assert.Contains("/v1/open", exception.Message, StringComparison.Ordinal);
    }
}

/// <summary>A sample feature.</summary>
internal static class GreetingsEndpoints
{
    internal static IServiceCollection AddGreetings(this IServiceCollection services) =>
        services.AddSingleton<Greeter>();

    internal static void MapGreetings(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/greetings/{name}", Greet).Allow(Roles.Admin).WithSummary("Greets a person.");

    private static IResult Greet(string name, Greeter greeter) =>
        TypedResults.Text($"\"{greeter.Greet(Fields.Id(name, "name"))}\"", "application/json");

    private sealed class Greeter
    {
        internal string Greet(string name) => $"Good morning, {name}";
    }
}
