using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Net;
using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Grid.Tests.Cluster;

/// <summary>
/// The parts that decide whether a member may answer, without Orleans: its gate on the real table in Redis and its
/// peers, with the test's clock.
/// </summary>
internal sealed class MemberTable : IPeers, IAsyncDisposable
{
    private static int _generation;
    private readonly IHost _host;
    private readonly ServiceProvider _metrics = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Dictionary<SiloAddress, Func<Task<Attestation>>> _others = [];

    private MemberTable(IHost host, TestClock clock, ClusterTimes times)
    {
        _host = host;
        Raw = host.Services.GetRequiredService<IMembershipTable>();
        Self = SiloAddress.New(IPAddress.Loopback, 11111, Interlocked.Increment(ref _generation));
        Gate = new Gate(clock);
        Leased = new LeasedTable(Raw, Self, Gate, times, clock);
        var membership = new Settled();
        Attestor = new Attestor(Leased, membership, times, clock);
        Keeper = new GateKeeper(
            Leased,
            Attestor,
            this,
            Gate,
            times,
            membership,
            clock,
            _metrics.GetRequiredService<IMeterFactory>(),
            NullLogger<GateKeeper>.Instance
        );
    }

    /// <summary>A third member, of which only the answers are simulated.</summary>
    internal static SiloAddress Third { get; } = SiloAddress.New(IPAddress.Loopback, 11113, 1);

    /// <summary>Orleans' own table.</summary>
    internal IMembershipTable Raw { get; }

    internal SiloAddress Self { get; }

    internal Gate Gate { get; }

    internal LeasedTable Leased { get; }

    internal Attestor Attestor { get; }

    internal GateKeeper Keeper { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SiloAddress> Others => [.. _others.Keys];

    internal static async Task<MemberTable> JoinAsync(RedisServer redis, TestClock clock, ClusterTimes times)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            silo.Configure<ClusterOptions>(static cluster => cluster.ClusterId = cluster.ServiceId = "gate");
            silo.UseRedisClustering(clustering =>
            {
                clustering.ConfigurationOptions = ConfigurationOptions.Parse(redis.ConnectionString);
                clustering.ConfigurationOptions.AbortOnConnectFail = false;
                clustering.ConfigurationOptions.AsyncTimeout = 300;
            });
        });
        var member = new MemberTable(builder.Build(), clock, times);
        await member.Leased.InitializeMembershipTableAsync(true, default);
        var table = await member.Raw.ReadAllAsync(default);
        Assert.True(await member.Leased.InsertRowAsync(member.Entry(SiloStatus.Active), table.Version.Next(), default));
        return member;
    }

    /// <summary>Makes the two members ask each other.</summary>
    internal void Meet(MemberTable other)
    {
        _others[other.Self] = () => other.Attestor.AnswerAsync(Self);
        other._others[Self] = () => Attestor.AnswerAsync(other.Self);
    }

    /// <summary>Sets the other member's answer.</summary>
    internal void Hears(MemberTable other, Attestation always) => Hears(other.Self, always);

    /// <inheritdoc cref="Hears(MemberTable, Attestation)"/>
    internal void Hears(SiloAddress other, Attestation always) => _others[other] = () => Task.FromResult(always);

    /// <summary>Declares another member dead, as Orleans does.</summary>
    internal async Task<bool> KillAsync(MemberTable other)
    {
        var table = await Leased.ReadAllAsync(default);
        return await Leased.UpdateRowAsync(
            other.Entry(SiloStatus.Dead),
            table.TryGet(other.Self)!.Item2,
            table.Version.Next(),
            default
        );
    }

    internal MembershipEntry Entry(SiloStatus status) =>
        new()
        {
            SiloAddress = Self,
            Status = status,
            SiloName = $"silo-{Self.Generation}",
            HostName = "localhost",
            SuspectTimes = [],
            StartTime = DateTime.UnixEpoch,
            IAmAliveTime = DateTime.UnixEpoch,
        };

    /// <inheritdoc/>
    public Task<Attestation> AskAsync(SiloAddress peer) => _others[peer]();

    public async ValueTask DisposeAsync()
    {
        Keeper.Dispose();
        _host.Dispose();
        await _metrics.DisposeAsync();
    }

    // Orleans' view of the membership, always as new as the table.
    private sealed class Settled : IClusterMembershipService
    {
        public ClusterMembershipSnapshot CurrentSnapshot { get; } =
            new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, new MembershipVersion(int.MaxValue));

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public ValueTask Refresh(
            MembershipVersion minimumVersion = default,
            CancellationToken cancellationToken = default
        ) => default;

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();
    }
}
