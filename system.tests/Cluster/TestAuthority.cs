using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Grid.Tests.Cluster;

/// <summary>A certificate authority for a test, and the files that it issues.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _own;
    private readonly string _folder;

    internal TestAuthority(string folder, string name)
    {
        _folder = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        _own = request.CreateSelfSigned(now - ClockSkew, now.AddDays(30));
        File.WriteAllText(AuthorityFile, _own.ExportCertificatePem());
    }

    internal string[] Settings =>
        [
            "--Grid:Cluster:Tls:Certificate",
            CertificateFile,
            "--Grid:Cluster:Tls:Key",
            KeyFile,
            "--Grid:Cluster:Tls:Authority",
            AuthorityFile,
        ];

    private string AuthorityFile => Path.Combine(_folder, "ca.crt");

    private string CertificateFile => Path.Combine(_folder, "tls.crt");

    private string KeyFile => Path.Combine(_folder, "tls.key");

    /// <summary>Issues a certificate with its key and replaces the previous files.</summary>
    internal X509Certificate2 Issue(TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=member", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false)
        );
        var now = TimeProvider.System.GetUtcNow();
        using var issued = request.Create(_own, now - ClockSkew, now + life, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificateFile, issued.ExportCertificatePem());
        return X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile);
    }

    public void Dispose()
    {
        _own.Dispose();
        _key.Dispose();
    }
}
