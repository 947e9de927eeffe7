using System.Net;
using Grid.Hosting.Settings;
using Microsoft.Extensions.Options;
using Orleans.Connections.Security;

namespace Grid.Hosting.Tls;

/// <summary>Secures the connections of a member or a client by Microsoft.Orleans.Connections.Security.</summary>
public static class ClusterTls
{
    // Sent as the name that is called. Nobody checks it: the authority issues to members of one cluster alone.
    private const string CalledName = "grid";

    /// <summary>Secures a member's connections, if it has certificates.</summary>
    public static void UseClusterTls(this ISiloBuilder silo, GridClusterOptions options)
    {
        if (AddCertificates(silo.Services, options) is { } certificates)
            silo.UseTls(tls => Secure(tls, certificates));
    }

    /// <summary>Secures a client's connections likewise.</summary>
    public static void UseClusterTls(this IClientBuilder client, GridClusterOptions options)
    {
        if (AddCertificates(client.Services, options) is { } certificates)
            client.UseTls(tls => Secure(tls, certificates));
    }

    /// <summary>Refuses plain text beyond this machine, unless it is asked for.</summary>
    /// <exception cref="OptionsValidationException">There are no certificates where they are needed.</exception>
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
                "Members on several machines talk by TLS: set Grid:Cluster:Tls:Certificate, Key and Authority, or Grid:Cluster:Tls:Off=true for plain text.",
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
        // Each side shows one, and each side checks it.
        tls.RemoteCertificateMode = tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.RemoteCertificateValidation = (peer, chain, _) => certificates.IsOfAuthority(peer, chain);
        tls.OnAuthenticateAsClient = static (_, client) => client.TargetHost = CalledName;
    }
}
