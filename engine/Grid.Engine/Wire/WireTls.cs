using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Grid.Engine.Wire;

/// <summary>A certificate or key file can't be read, or is of no use.</summary>
public sealed class WireTlsException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// TLS with certificates on both sides. Who connects checks that the other side is a silo; who accepts, that the other side
/// is signed for this grid. The files are looked at again when a connection is made, at most once a second; a change that
/// can't be read is logged, and what was read before stays in use.
/// </summary>
internal sealed partial class WireTls : IDisposable
{
    /// <summary>How often the files are looked at.</summary>
    internal static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly WireTlsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private Material _material;
    private string _stamp;
    private long _lookedAt;

    internal WireTls(WireTlsOptions options, TimeProvider time, ILogger log)
    {
        _options = options;
        _time = time;
        _log = log;
        _stamp = Stamp();
        _lookedAt = time.GetTimestamp();
        _material = Read();
    }

    /// <summary>When the first of the certificates in use ends.</summary>
    internal DateTimeOffset Expiry => Volatile.Read(ref _material).Expiry;

    public void Dispose()
    {
        // Connections of the process may still refer to the certificates; the finaliser takes them.
    }

    internal async Task<Stream> ConnectAsync(Stream stream, CancellationToken cancellationToken)
    {
        var material = Current();
        var secure = new SslStream(stream);
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = GridAuthority.SiloName,
                ClientCertificateContext = material.Context,
                CertificateChainPolicy = material.Trust(GridAuthority.ServerUse),
                EnabledSslProtocols = SslProtocols.Tls13,
                AllowTlsResume = false,
            },
            cancellationToken).ConfigureAwait(false);
        return secure;
    }

    internal async Task<Stream> AcceptAsync(Stream stream, CancellationToken cancellationToken)
    {
        var material = Current();
        var secure = new SslStream(stream);
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = material.Context,
                ClientCertificateRequired = true,
                CertificateChainPolicy = material.Trust(GridAuthority.ClientUse),
                EnabledSslProtocols = SslProtocols.Tls13,
                AllowTlsResume = false,
            },
            cancellationToken).ConfigureAwait(false);
        return secure;
    }

    private Material Current()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            if (_time.GetElapsedTime(_lookedAt, now) < LookAgainAfter)
            {
                return _material;
            }

            _lookedAt = now;
            var stamp = Stamp();
            if (stamp == _stamp)
            {
                return _material;
            }

            try
            {
                _material = Read();
                _stamp = stamp;
                LogReload(_log, _material.Expiry);
            }
            catch (WireTlsException damage)
            {
                LogNotReloaded(_log, damage.Message);
            }

            return _material;
        }
    }

    // What the files are, as far as one sees from outside. A mounted secret changes the link that it is behind, and not the file.
    private string Stamp() => string.Join('|', new[] { _options.Authority, _options.Certificate, _options.Key }.Select(static path =>
    {
        try
        {
            var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            return $"{file.FullName}:{file.LastWriteTimeUtc.Ticks}:{file.Length}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }));

    private Material Read()
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(_options.Authority);
            var own = X509Certificate2.CreateFromPemFile(_options.Certificate, _options.Key);
            var between = new X509Certificate2Collection();
            between.ImportFromPemFile(_options.Certificate);
            between.RemoveAt(0);
            var now = _time.GetUtcNow();
            var material = new Material(authorities, between, SslStreamCertificateContext.Create(own, between, offline: true), own.NotAfter.ToUniversalTime());
            return authorities.Count == 0 ? throw new WireTlsException($"{_options.Authority} holds no certificate.")
                : material.Expiry <= now ? throw new WireTlsException($"{_options.Certificate} ended at {material.Expiry:u}.")
                : material;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new WireTlsException(
                $"The certificates of the cluster can't be read ({_options.Authority}, {_options.Certificate}, {_options.Key}): {error.Message}", error);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "New certificates are in use from now on; they end at {Expiry}.")]
    private static partial void LogReload(ILogger log, DateTimeOffset expiry);

    [LoggerMessage(Level = LogLevel.Error, Message = "The certificates have changed and are of no use; the former stay: {Reason}")]
    private static partial void LogNotReloaded(ILogger log, string reason);

    private sealed record Material(
        X509Certificate2Collection Authorities, X509Certificate2Collection Between, SslStreamCertificateContext Context, DateTimeOffset Expiry)
    {
        internal X509ChainPolicy Trust(string use)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(Authorities);
            policy.ExtraStore.AddRange(Between);
            policy.ApplicationPolicy.Add(new Oid(use));
            return policy;
        }
    }
}
