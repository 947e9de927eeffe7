using System.Net.Security;
using System.Net.Sockets;
using Grid.Engine.Hosting;
using Grid.Engine.Wire;
using Grid.Tests.Engine;
using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Wire;

/// <summary>Certificates on both sides of a connection.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan s_asked = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_valid = TimeSpan.FromDays(1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Silo_and_gateway_of_one_authority_talk()
    {
        var (silo, client) = await WireNode.PairAsync(With(Issued("grid", GridRole.Silo)), With(Issued("grid", GridRole.Gateway)));
        await using var _ = silo;
        await using var __ = client;
        Assert.Equal(1, await Within(client.Fresh<ICounterGrain>().Add(1), "call"));
        var numbers = Enumerable.Range(0, 100_000).ToList();
        var grain = client.Grain<IMessageGrain>();
        await Within(grain.Keep(numbers), "long arguments");
        Assert.Equal(numbers, await Within(grain.Kept().AsTask(), "long result"));
    }

    [Fact]
    public async Task Two_silos_talk() => await Talks(Issued("grid", GridRole.Silo), Issued("grid", GridRole.Silo));

    [Fact]
    public async Task A_peer_of_another_authority_is_refused() => await Refuses(Issued("grid", GridRole.Silo), Issued("foreign", GridRole.Gateway));

    [Fact]
    public async Task A_peer_without_a_certificate_is_refused() => await Refuses(Issued("grid", GridRole.Silo), null);

    [Fact]
    public async Task A_gateway_can_not_pass_for_a_silo() => await Refuses(Issued("grid", GridRole.Gateway), Issued("grid", GridRole.Silo));

    [Fact]
    public async Task A_silo_without_tls_is_not_spoken_to_by_one_with_it() => await Refuses((WireTlsOptions?)null, Issued("grid", GridRole.Gateway));

    [Fact]
    public async Task Who_trusts_the_silo_but_shows_no_certificate_is_not_served()
    {
        await using var silo = await WireNode.StartAsync(With(Issued("grid", GridRole.Silo)));
        silo.Listen();
        using var socket = new TcpClient();
        await socket.ConnectAsync(silo.Address.Host, silo.Address.Port);
        await using var stream = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
        await Within(stream.AuthenticateAsClientAsync(GridAuthority.SiloName), "the handshake, in which the client speaks last");
        using var hello = new FrameBuffer();
        new Hello(1, 1).Write(hello);
        await Within(ReadsNothingAsync(stream, hello.Written), "the silo hangs up");
    }

    [Fact]
    public async Task New_certificates_are_used_without_a_restart_and_a_damaged_file_changes_nothing()
    {
        var files = Issued("grid", GridRole.Silo);
        await using var silo = await WireNode.StartAsync(With(files));
        silo.Listen();
        await Talks(silo, Issued("grid", GridRole.Gateway), "before");

        // The new authority is trusted beside the old one first; then the pair changes; then the old authority goes.
        var next = Issued("next", GridRole.Silo);
        var gateway = Issued("next", GridRole.Gateway);
        var trusting = new WireTlsOptions { Authority = files.Authority, Certificate = gateway.Certificate, Key = gateway.Key };
        await Refuses(silo, trusting);
        await File.AppendAllTextAsync(files.Authority, await File.ReadAllTextAsync(next.Authority));
        await EventuallyTalks(silo, trusting, "the new authority is trusted");
        await Refuses(silo, gateway);
        File.Copy(next.Key, files.Key, overwrite: true);
        File.Copy(next.Certificate, files.Certificate, overwrite: true);
        await EventuallyTalks(silo, gateway, "the new pair is in use");

        await File.WriteAllTextAsync(files.Certificate, "damaged");
        await Task.Delay(WireTls.LookAgainAfter * 1.2, TimeProvider.System);
        await Talks(silo, gateway, "with a damaged file");
    }

    [Fact]
    public void A_certificate_that_is_missing_damaged_or_over_stops_the_start_and_names_itself()
    {
        var files = Issued("grid", GridRole.Silo);
        var missing = Assert.Throws<WireTlsException>(() => Start(new WireTlsOptions { Authority = files.Authority, Certificate = files.Certificate, Key = files.Key + "x" }));
        Assert.Contains("silo.keyx", missing.Message, StringComparison.Ordinal);
        File.WriteAllText(files.Certificate, "damaged");
        Assert.Throws<WireTlsException>(() => Start(files));

        var past = new TestClock(TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(3));
        GridAuthority.OpenOrMake(Path.Combine(_folder.Path, "old"), past, out _).Issue(GridRole.Silo, s_valid);
        var over = Assert.Throws<WireTlsException>(() => Start(GridAuthority.FilesOf(Path.Combine(_folder.Path, "old"), GridRole.Silo)));
        Assert.Contains("ended at", over.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_keeps_its_authority_and_its_keys_to_itself()
    {
        var folder = Path.Combine(_folder.Path, "grid");
        var authority = GridAuthority.OpenOrMake(folder, TimeProvider.System, out var isNew);
        Assert.True(isNew);
        Assert.False(authority.HasPair(GridRole.Silo, TimeSpan.Zero));
        authority.Issue(GridRole.Silo, TimeSpan.FromDays(10));
        Assert.True(authority.HasPair(GridRole.Silo, TimeSpan.FromDays(9)));
        Assert.False(authority.HasPair(GridRole.Silo, TimeSpan.FromDays(11)));
        Assert.False(authority.HasPair(GridRole.Gateway, TimeSpan.Zero));
        var before = File.ReadAllText(Path.Combine(folder, GridAuthority.AuthorityFile));
        GridAuthority.OpenOrMake(folder, TimeProvider.System, out isNew);
        Assert.False(isNew);
        Assert.Equal(before, File.ReadAllText(Path.Combine(folder, GridAuthority.AuthorityFile)));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var key in Directory.GetFiles(folder, "*.key"))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
            }
        }
    }

    private static WireOptions With(WireTlsOptions? tls) => WireNode.Options(options => options.Tls = tls);

    private static void Start(WireTlsOptions tls) => new WireTls(tls, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).Dispose();

    private static async Task Talks(WireTlsOptions silo, WireTlsOptions client)
    {
        await using var serving = await WireNode.StartAsync(With(silo));
        serving.Listen();
        await Talks(serving, client, "call");
    }

    private static async Task Talks(WireNode silo, WireTlsOptions client, string phase)
    {
        await using var calling = await WireNode.StartAsync(With(client), serves: false);
        calling.PointTo(silo.Address);
        Assert.Equal(1, await Within(calling.Fresh<ICounterGrain>().Add(1), phase));
    }

    private static async Task Refuses(WireTlsOptions? silo, WireTlsOptions? client)
    {
        await using var serving = await WireNode.StartAsync(With(silo));
        serving.Listen();
        await Refuses(serving, client);
    }

    private static async Task Refuses(WireNode silo, WireTlsOptions? client)
    {
        // A plain greeting and one of TLS would wait for each other as long as connecting may take.
        var options = WireNode.Options(options => (options.Tls, options.ConnectTimeout) = (client, TimeSpan.FromSeconds(5)));
        await using var calling = await WireNode.StartAsync(options, serves: false);
        calling.PointTo(silo.Address);
        await Assert.ThrowsAsync<GrainUnavailableException>(() => Within(calling.Network.AskAsync(silo.Address, 1, default, s_asked), "message"));
        await Assert.ThrowsAsync<GrainUnavailableException>(() => Within(calling.Fresh<ICounterGrain>().Add(1), "call"));
    }

    // The files are looked at once a second at the most.
    private static async Task EventuallyTalks(WireNode silo, WireTlsOptions client, string phase)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await Talks(silo, client, phase);
                return;
            }
            catch (GrainUnavailableException) when (TimeProvider.System.GetElapsedTime(started) < s_asked)
            {
                // Not yet.
            }
        }
    }

    private static async Task ReadsNothingAsync(SslStream stream, ReadOnlyMemory<byte> hello)
    {
        try
        {
            await stream.WriteAsync(hello);
            Assert.Equal(0, await stream.ReadAsync(new byte[100]));
        }
        catch (IOException)
        {
            // Refused in the midst of it.
        }
    }

    private WireTlsOptions Issued(string name, GridRole role)
    {
        var folder = Path.Combine(_folder.Path, name);
        GridAuthority.OpenOrMake(folder, TimeProvider.System, out _).Issue(role, s_valid);
        return GridAuthority.FilesOf(folder, role);
    }
}
