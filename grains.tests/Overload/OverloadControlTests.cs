using System.Net;
using Grid.Gateway.Overload;
using Grid.Gateway.Sessions;
using Grid.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Overload;

public sealed class OverloadControlTests(OverloadControlTests.SmallGrid grid)
    : IClassFixture<OverloadControlTests.SmallGrid>
{
    private const int Callers = 300;

    private ConcurrencyLimiter Limiter => grid.Services.GetRequiredService<ConcurrencyLimiter>();

    [Fact]
    public async Task A_deliberate_wait_holds_no_slot()
    {
        var signIn = grid.Services.GetRequiredService<SignIn>();
        foreach (
            var wait in new Func<HttpContext, Task>[]
            {
                context => signIn.ChallengeAsync(context, null, null),
                context => signIn.RedeemAsync(context, "no challenge", "123456"),
            }
        )
        {
            using var limiter = new Probe(grid.Services);
            var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Loopback } };
            context.Features.Set<IOverloadSlot>(limiter.Slot);
            var waiting = wait(context);

            Assert.False(waiting.IsCompleted);
            Assert.Equal(0, limiter.InFlight);
            await waiting;
        }
    }

    [Fact]
    public async Task A_flood_of_challenges_takes_no_slot_from_displays()
    {
        var resident = await grid.RegisterAsync();
        var limit = Limiter.Limit;
        var challenges = Enumerable
            .Range(0, Callers)
            .Select(_ =>
                grid.CallAsync(
                    HttpMethod.Post,
                    "/v1/sessions/challenge",
                    null,
                    new { idNumber = resident.Person.IdNumber, phone = resident.Person.Phone }
                )
            )
            .ToArray();
        var displays = Enumerable
            .Range(0, Callers)
            .Select(_ => grid.CallAsync(HttpMethod.Get, "/v1/me/code", resident.Token))
            .ToArray();

        Assert.All(await Task.WhenAll(displays), display => Assert.Equal(HttpStatusCode.OK, display.Status));
        var answers = await Task.WhenAll(challenges);
        Assert.All(answers, answer =>
            Assert.True(
                answer.Status == HttpStatusCode.Accepted || answer.Code is "overloaded" or "rate-limited",
                answer.Text
            )
        );
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.Accepted);
        Assert.Equal(0, Limiter.Refused(RequestPriority.Doors));
        Assert.True(Limiter.Limit >= limit);
    }

    /// <summary>A limiter of its own and one slot of it.</summary>
    private sealed class Probe(IServiceProvider services) : IDisposable
    {
        private readonly ConcurrencyLimiter _limiter = ActivatorUtilities.CreateInstance<ConcurrencyLimiter>(services);
        private OverloadSlot? _slot;

        internal OverloadSlot Slot => _slot ??= _limiter.TryEnter(RequestPriority.Anonymous)!;

        internal int InFlight => _limiter.InFlight(RequestPriority.Anonymous);

        public void Dispose() => _limiter.Dispose();
    }

    /// <summary>A grid with a limit below the number of concurrent test requests.</summary>
    public sealed class SmallGrid : GridHost
    {
        public SmallGrid()
        {
            Settings["Grid:Overload:FreeInFlight"] = "128";
            Settings["Grid:Overload:MaxWait"] = "00:00:02";
        }
    }
}
