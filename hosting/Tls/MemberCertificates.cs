using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grid.Hosting.Start;

namespace Grid.Hosting.Tls;

/// <summary>
/// The certificate of this member and its authority, read from files that may be renewed while the process runs.
/// </summary>
internal sealed class MemberCertificates
{
    private readonly ClusterTlsOptions _options;
    private volatile Files _current;

    /// <summary>Reads the files for the first time.</summary>
    /// <exception cref="StartException">A file is unusable; the message names it.</exception>
    public MemberCertificates(ClusterTlsOptions options) => (_options, _current) = (options, Read(options, null));

    /// <summary>The certificate for the next connection.</summary>
    public X509Certificate2 Own => _current.Own;

    /// <summary>Whether a peer's certificate is valid now and issued by the authority.</summary>
    /// <param name="peer">The certificate.</param>
    /// <param name="sent">The chain that the peer sent.</param>
    public bool IsOfAuthority(X509Certificate2 peer, X509Chain? sent)
    {
        var files = _current;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.CustomTrustStore.AddRange(files.Authority);
        chain.ChainPolicy.ExtraStore.AddRange(files.Between);
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        return chain.Build(peer);
    }

    /// <summary>Rereads the files; true when they have changed.</summary>
    /// <exception cref="StartException">The files are unusable; the certificates in memory stay in use.</exception>
    public bool Refresh()
    {
        var found = Read(_options, _current);
        if (ReferenceEquals(found, _current))
            return false;
        _current = found;
        return true;
    }

    // Compare contents, not times: Kubernetes renews a mounted secret by changing a symbolic link.
    private static Files Read(ClusterTlsOptions options, Files? known)
    {
        try
        {
            var (certificate, key, authority) = (
                File.ReadAllText(options.Certificate!),
                File.ReadAllText(options.Key!),
                File.ReadAllText(options.Authority!)
            );
            var mark = Convert.ToHexString(
                SHA256.HashData(Encoding.UTF8.GetBytes($"{certificate}\0{key}\0{authority}"))
            );
            if (known?.Mark == mark)
                return known;
            var (between, authorities) = (new X509Certificate2Collection(), new X509Certificate2Collection());
            between.ImportFromPem(certificate);
            authorities.ImportFromPem(authority);
            if (authorities.Count == 0)
                throw new StartException($"Grid:Cluster:Tls:Authority: {options.Authority} has no certificate.");
            return new Files(X509Certificate2.CreateFromPem(certificate, key), between, authorities, mark);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException
            )
        {
            throw new StartException(
                $"Grid:Cluster:Tls: the certificate, its key or the authority can't be used: {exception.Message}"
            );
        }
    }

    private sealed record Files(
        X509Certificate2 Own,
        X509Certificate2Collection Between,
        X509Certificate2Collection Authority,
        string Mark
    );
}
