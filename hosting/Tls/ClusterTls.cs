using System.Net;
using Grid.Hosting.Settings;
using Microsoft.Extensions.Options;
using Orleans.Connections.Security;

namespace Grid.Hosting.Tls;

/// <summary>Secures the connections of a member or a client with Microsoft.Orleans.Connections.Security.</summary>
public static class ClusterTls
{
    // The SNI name. Not verified: the authority issues certificates only to members of one cluster.
    private const string CalledName = "grid";

    /// <summary>Secures a member's connections, if certificates are configured.</summary>
    public static void UseClusterTls(this ISiloBuilder silo, GridClusterOptions options)
    {
        if (AddCertificates(silo.Services, options) is { } certificates)
            silo.UseTls(tls => Secure(tls, certificates));
    }

    /// <summary>Secures a client's connections, if certificates are configured.</summary>
    public static void UseClusterTls(this IClientBuilder client, GridClusterOptions options)
    {
        if (AddCertificates(client.Services, options) is { } certificates)
            client.UseTls(tls => Secure(tls, certificates));
    }

    /// <summary>Refuses plain text between machines, unless the settings allow it.</summary>
    /// <exception cref="OptionsValidationException">Certificates are needed and missing.</exception>
    public static void RequireTls(GridClusterOptions options, IHostEnvironment environment)
    {
        var staysHere =
            options.AddressOrDefault() is { } address
            && (address == "localhost" || (IPAddress.TryParse(address, out var ip) && IPAddress.IsLoopback(ip)));
        if (options.Tls.IsOn || options.Tls.Off || staysHere || environment.IsDevelopment())
            return;
        throw new OptionsValidationException(
            GridClusterOptions.Section,
            typeof(GridClusterOptions),
            [
                "Members on several machines talk by TLS: set Grid:Cluster:Tls:Certificate, Key and Authority, "
                    + "or Grid:Cluster:Tls:Off=true for plain text.",
            ]
        );
    }

    private static MemberCertificates? AddCertificates(IServiceCollection services, GridClusterOptions options)
    {
        if (!options.Tls.IsOn)
            return null;
        var certificates = new MemberCertificates(options.Tls);
        services.AddSingleton(certificates);
        services.AddHostedService<CertificateWatch>();
        return certificates;
    }

    private static void Secure(TlsOptions tls, MemberCertificates certificates)
    {
        tls.LocalCertificate = certificates.Own;
        tls.LocalServerCertificateSelector = (_, _) => certificates.Own;
        tls.LocalClientCertificateSelector = (_, _, _, _, _) => certificates.Own;
        // Mutual TLS: each side shows a certificate and checks the other's.
        tls.RemoteCertificateMode = tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.RemoteCertificateValidation = (peer, chain, _) => certificates.IsOfAuthority(peer, chain);
        tls.OnAuthenticateAsClient = static (_, client) => client.TargetHost = CalledName;
    }
}
