using System.ComponentModel.DataAnnotations;

namespace Grid.Hosting.Tls;

/// <summary>
/// How the connections between members, and from a client, are secured: mutual TLS, each side with a certificate of one
/// authority. Section <c>Grid:Cluster:Tls</c>.
/// </summary>
public sealed class ClusterTlsOptions : IValidatableObject
{
    /// <summary>PEM file: this member's certificate and its intermediates. Default: none.</summary>
    [StringLength(1024)]
    public string? Certificate { get; set; }

    /// <summary>PEM file: the private key of the certificate. Default: none.</summary>
    [StringLength(1024)]
    public string? Key { get; set; }

    /// <summary>PEM file: certificates of the authority; several while one replaces another. Default: none.</summary>
    [StringLength(1024)]
    public string? Authority { get; set; }

    /// <summary>Allows plain text between machines. Default false.</summary>
    /// <remarks>Outside the Development environment a member beyond loopback needs certificates or this.</remarks>
    public bool Off { get; set; }

    /// <summary>Whether certificates are configured.</summary>
    public bool IsOn => Certificate is { Length: > 0 };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        string?[] files = [Certificate, Key, Authority];
        if (
            files.Any(static file => file is { Length: > 0 })
            && !Array.TrueForAll(files, static file => file is { Length: > 0 })
        )
            yield return new ValidationResult("Grid:Cluster:Tls needs all three: Certificate, Key and Authority.");
        if (IsOn && Off)
            yield return new ValidationResult("Grid:Cluster:Tls has certificates and Off; choose one.");
    }
}
