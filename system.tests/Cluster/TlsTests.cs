using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Tests.Crash;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>The connections between members: mutual TLS with certificates of one authority.</summary>
[Collection(ClusterCollection.Name)]
public sealed class TlsTests : IDisposable
{
    private const string Name = "Wiretap Canary";
    private static readonly TimeSpan Life = TimeSpan.FromDays(25);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _city;
    private readonly TestAuthority _stranger;
    private readonly int _port = Ports.Free();

    public TlsTests() =>
        (_city, _stranger) = (new TestAuthority(_folder.Path, "city"), new TestAuthority(_folder.Path, "stranger"));

    public void Dispose()
    {
        _city.Dispose();
        _stranger.Dispose();
        _folder.Dispose();
    }

    [RedisFact]
    public async Task Members_and_clients_of_one_authority_talk_unheard_and_nobody_else_is_let_in()
    {
        using var house = new ClusterHouse();
        using var own = _city.Issue(Life);
        using var foreign = _stranger.Issue(Life);
        var silo = house.Silo([.. _city.Settings, "--Grid:Cluster:SiloPort", $"{_port}"]);
        await silo.ReadyAsync();
        var (gateway, client) = (house.Gateway("Gateway", _city.Settings), house.Gateway("Client", _city.Settings));
        await Task.WhenAll(gateway.ReadyAsync(), client.ReadyAsync());
        using (var tap = new WireTap(_port))
        {
            await RegisterAsync(house, gateway, 1);
            await RegisterAsync(house, client, 2);
            await house.EventuallyAsync(() => Task.FromResult(tap.Bytes > 1_000), "something was sent");
            Assert.False(tap.Heard(Name));
        }

        Assert.True(await StaysOpenAsync(own));
        Assert.False(await StaysOpenAsync(foreign));
        Assert.False(await StaysOpenAsync(null));
        // Plain text is no handshake.
        using (var plain = new TcpClient("127.0.0.1", _port))
        {
            await plain.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            Assert.True(await EndsAsync(plain.GetStream()));
        }

        // A complete member of another authority, and one without certificates.
        foreach (var settings in new[] { _stranger.Settings, [] })
        {
            using var outsider = GridProcess.Gateway([.. house.Settings, "--Grid:Role", "Gateway", .. settings]);
            await house.EventuallyAsync(
                async () =>
                    outsider.HasExited
                    || outsider.Log.Contains("Authentication failed", StringComparison.Ordinal)
                    || await LoggedAsync(silo, "Authentication failed", atLeast: 4),
                "it is refused"
            );
            Assert.False(!outsider.HasExited && await outsider.IsReadyAsync());
            await house.SeesAsync(silo, 2);
        }
    }

    [RedisFact]
    public async Task Without_certificates_the_tap_reads_the_members_traffic()
    {
        using var house = new ClusterHouse();
        var silo = house.Silo("--Grid:Cluster:SiloPort", $"{_port}");
        await silo.ReadyAsync();
        var gateway = house.Gateway("Gateway");
        await gateway.ReadyAsync();
        using var tap = new WireTap(_port);
        await RegisterAsync(house, gateway, 3);
        await house.EventuallyAsync(() => Task.FromResult(tap.Heard(Name)), "the name is heard");
    }

    [RedisFact]
    public async Task A_renewed_certificate_is_used_without_a_restart_and_its_end_is_measured()
    {
        using var house = new ClusterHouse();
        using var first = _city.Issue(TimeSpan.FromDays(2));
        var silo = house.Silo([.. _city.Settings, "--Grid:Cluster:SiloPort", $"{_port}"]);
        await silo.ReadyAsync();
        Assert.Equal(first.SerialNumber, await ShownAsync(first));
        Assert.Equal(
            new DateTimeOffset(first.NotAfter).ToUnixTimeSeconds(),
            await silo.MetricAsync("grid_certificate_expiry_seconds")
        );

        using var second = _city.Issue(Life);

        await house.EventuallyAsync(
            async () => await ShownAsync(second) == second.SerialNumber,
            "the new certificate is shown"
        );
        Assert.Equal(
            new DateTimeOffset(second.NotAfter).ToUnixTimeSeconds(),
            await silo.MetricAsync("grid_certificate_expiry_seconds")
        );
    }

    private static Task RegisterAsync(ClusterHouse house, GridProcess gateway, int number)
    {
        var minter = new AccessTokens(KeyRing.Open(house.Folder, TimeProvider.System), TimeProvider.System);
        var token = minter.Mint(Role.Operator, "city/registry-1", TimeSpan.FromHours(1)).Token;
        var idNumber = Grid.Residents.IdNumber.Create(610102, new DateOnly(1980, 1, 1), number).Reveal();
        return house.EventuallyAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/residents");
                request.Headers.Authorization = new("Bearer", token);
                request.Content = JsonContent.Create(
                    new
                    {
                        idNumber,
                        name = Name,
                        phone = "13900000000",
                        district = "610113",
                    }
                );
                using var answer = await gateway.Http.SendAsync(request);
                // A busy machine may refuse with Retry-After.
                Assert.True(
                    answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.ServiceUnavailable,
                    $"{answer.StatusCode}"
                );
                return answer.IsSuccessStatusCode;
            },
            "a person is registered"
        );
    }

    private static Task<bool> LoggedAsync(GridProcess process, string text, int atLeast) =>
        Task.FromResult(process.Log.Split(text).Length > atLeast);

    /// <summary>
    /// Whether the silo accepts a connection with this certificate: it sends its preamble, or closes the connection.
    /// </summary>
    private async Task<bool> StaysOpenAsync(X509Certificate2? certificate)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", _port);
            await using var tls = await HandshakeAsync(client, certificate);
            return !await EndsAsync(tls);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return false;
        }
    }

    private async Task<string> ShownAsync(X509Certificate2 certificate)
    {
        using var client = new TcpClient("127.0.0.1", _port);
        await using var tls = await HandshakeAsync(client, certificate);
        return ((X509Certificate2)tls.RemoteCertificate!).SerialNumber;
    }

    private static async Task<SslStream> HandshakeAsync(TcpClient client, X509Certificate2? certificate)
    {
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "grid",
                ClientCertificates = certificate is null ? null : [certificate],
                LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            }
        );
        return tls;
    }

    /// <summary>Whether the other side closes a connection; false when it sends data first.</summary>
    private static async Task<bool> EndsAsync(Stream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[64]).AsTask().WaitAsync(Patience) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
