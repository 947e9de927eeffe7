using Grid.Gateway.Hosting;
using Grid.Residents;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Failures;

/// <summary>How soon a joined silo hosts hot residents, by asking Orleans through a client in this process.</summary>
internal sealed class SiloShare : IAsyncDisposable
{
    /// <summary>The name of the figure.</summary>
    internal const string Note = "has its share after";

    /// <summary>
    /// A part of the fair share. Few residents are placed unevenly: with 32 on three silos the chance of fewer than
    /// this is 1 in 70.
    /// </summary>
    private const double PartOfFairShare = 0.5;

    private static readonly TimeSpan MaxStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MaxTaken = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly WebApplication _client;
    private readonly IManagementGrain _management;
    private SiloAddress[] _before = [];

    private SiloShare(WebApplication client)
    {
        _client = client;
        _management = client.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
    }

    internal static async Task<SiloShare> OpenAsync(string[] settings)
    {
        var client = GatewayHost.Build([
            .. settings,
            "--urls",
            "http://127.0.0.1:0",
            "--Grid:Role",
            "Client",
            "--Logging:LogLevel:Default",
            "None",
        ]);
        await client.StartAsync().WaitAsync(MaxStart);
        return new SiloShare(client);
    }

    /// <summary>Records which silos host residents now.</summary>
    internal async Task RememberAsync()
    {
        _before = [.. (await HostsAsync()).Distinct()];
        if (_before.Length == 0)
            throw new InvalidOperationException("No silo hosts a resident.");
    }

    /// <returns>The time from now until a silo that hosted no recorded resident hosts its part; null on
    /// timeout.</returns>
    internal async Task<TimeSpan?> UntilTakenAsync()
    {
        var from = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(from) < MaxTaken)
        {
            var hosts = await HostsAsync();
            var taken = hosts.Count(host => !_before.Contains(host));
            if (taken >= PartOfFairShare * hosts.Length / (_before.Length + 1))
                return TimeProvider.System.GetElapsedTime(from);
            await Task.Delay(Look);
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.StopAsync().WaitAsync(MaxStart);
        await _client.DisposeAsync();
    }

    // Retry when a silo did not answer.
    private async Task<SiloAddress[]> HostsAsync()
    {
        while (true)
        {
            try
            {
                var all = await _management.GetDetailedGrainStatistics();
                return
                [
                    .. all.Where(static grain => grain.GrainId.Type.ToString() == ResidentGrain.TypeName)
                        .Select(static grain => grain.SiloAddress),
                ];
            }
            catch (Exception failure) when (failure is TimeoutException or OrleansException)
            {
                await Task.Delay(Look);
            }
        }
    }
}
