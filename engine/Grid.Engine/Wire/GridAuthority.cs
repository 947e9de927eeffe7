using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Grid.Engine.Wire;

/// <summary>What a certificate lets its owner do.</summary>
public enum GridRole
{
    /// <summary>Accept connections, and connect to silos.</summary>
    Silo,

    /// <summary>Connect to silos.</summary>
    Gateway,
}

/// <summary>
/// A certificate authority in a folder, for grids that have no other: <c>ca.crt</c> and <c>ca.key</c>, and pairs that it has signed.
/// All files are PEM; keys are ECDSA P-256 and readable by their owner alone. Only the certificates and the pair of its own role
/// need be on a machine; <c>ca.key</c> is needed nowhere but where pairs are made.
/// </summary>
public sealed class GridAuthority
{
    /// <summary>The DNS name in the certificate of every silo, by which who connects knows one. No such host need be.</summary>
    public const string SiloName = "silo.grid";

    /// <summary>The DNS name in the certificate of every gateway.</summary>
    public const string GatewayName = "gateway.grid";

    /// <summary>The file of the authority's certificate.</summary>
    public const string AuthorityFile = "ca.crt";

    internal const string ServerUse = "1.3.6.1.5.5.7.3.1";
    internal const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private const string AuthorityKeyFile = "ca.key";
    private const int SerialBytes = 16;
    private const int AuthorityYears = 10;

    // Clocks of machines differ; a new certificate should be good on all of them.
    private static readonly TimeSpan s_backdated = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly TimeProvider _time;

    private GridAuthority(string folder, TimeProvider time)
    {
        _folder = folder;
        _time = time;
    }

    /// <summary>Opens the authority of a folder, or makes one.</summary>
    /// <param name="folder">Made when missing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isNew">Whether it was made now.</param>
    public static GridAuthority OpenOrMake(string folder, TimeProvider time, out bool isNew)
    {
        Directory.CreateDirectory(folder);
        var authority = new GridAuthority(folder, time);
        isNew = !File.Exists(Path.Combine(folder, AuthorityFile));
        if (isNew)
        {
            authority.Make();
        }

        return authority;
    }

    /// <summary>The files of a role in a folder.</summary>
    public static WireTlsOptions FilesOf(string folder, GridRole role) => new()
    {
        Authority = Path.Combine(folder, AuthorityFile),
        Certificate = Path.Combine(folder, NameOf(role) + ".crt"),
        Key = Path.Combine(folder, NameOf(role) + ".key"),
    };

    /// <summary>Whether there is a pair of this role that is good for as long as this.</summary>
    public bool HasPair(GridRole role, TimeSpan atLeast)
    {
        var files = FilesOf(_folder, role);
        if (!File.Exists(files.Certificate) || !File.Exists(files.Key))
        {
            return false;
        }

        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(files.Certificate));
        return certificate.NotAfter.ToUniversalTime() >= _time.GetUtcNow() + atLeast;
    }

    /// <summary>Makes a pair and signs it; an earlier one of the role is replaced.</summary>
    /// <param name="role">What it is for.</param>
    /// <param name="validity">How long it is good, within the life of the authority.</param>
    /// <returns>When it ends.</returns>
    /// <exception cref="WireTlsException">The authority's key is not here, or can't be read.</exception>
    public DateTimeOffset Issue(GridRole role, TimeSpan validity)
    {
        using var authority = Open();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={NameOf(role)}, O=Grid", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var uses = new OidCollection { new Oid(ClientUse) };
        if (role == GridRole.Silo)
        {
            uses.Add(new Oid(ServerUse));
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(uses, critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(role == GridRole.Silo ? SiloName : GatewayName);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var now = _time.GetUtcNow();
        var authorityEnd = new DateTimeOffset(authority.NotAfter.ToUniversalTime());
        var end = now + validity < authorityEnd ? now + validity : authorityEnd;
        using var certificate = request.Create(authority, now - s_backdated, end, RandomNumberGenerator.GetBytes(SerialBytes));
        var files = FilesOf(_folder, role);
        Write(files.Key, key.ExportPkcs8PrivateKeyPem(), isSecret: true);
        Write(files.Certificate, certificate.ExportCertificatePem(), isSecret: false);
        return end;
    }

    private static string NameOf(GridRole role) => role == GridRole.Silo ? "silo" : "gateway";

    // A whole file or the former one, whatever happens in between: a process may read it at any moment.
    private static void Write(string path, string text, bool isSecret)
    {
        var made = path + ".new";
        File.Delete(made);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isSecret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(made, options))
        {
            writer.Write(text);
            writer.Write('\n');
        }

        File.Move(made, path, overwrite: true);
    }

    private X509Certificate2 Open()
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(Path.Combine(_folder, AuthorityFile), Path.Combine(_folder, AuthorityKeyFile));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new WireTlsException($"The key of the authority in {_folder} can't be used: {error.Message}", error);
        }
    }

    private void Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Grid cluster authority, O=Grid", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = _time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now - s_backdated, now.AddYears(AuthorityYears));
        Write(Path.Combine(_folder, AuthorityKeyFile), key.ExportPkcs8PrivateKeyPem(), isSecret: true);
        Write(Path.Combine(_folder, AuthorityFile), certificate.ExportCertificatePem(), isSecret: false);
    }
}
