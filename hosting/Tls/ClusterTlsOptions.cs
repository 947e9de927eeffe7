using System.ComponentModel.DataAnnotations;

namespace Grid.Hosting.Tls;

/// <summary>
/// How the connections between members, and from a client, are secured: mutual TLS, each side with a certificate of one
/// authority. Section <c>Grid:Cluster:Tls</c>.
/// </summary>
public sealed class ClusterTlsOptions : IValidatableObject
{
    /// <summary>
    /// A PEM file: this member's certificate, then those between it and the authority. Default: none.
    /// </summary>
    [StringLength(1024)]
    public string? Certificate { get; set; }

    /// <summary>A PEM file: the certificate's private key.</summary>
    [StringLength(1024)]
    public string? Key { get; set; }

    /// <summary>A PEM file: the authority's own certificate, or several while one replaces another.</summary>
    [StringLength(1024)]
    public string? Authority { get; set; }

    /// <summary>
    /// Whether members may talk in plain text beyond this machine. Default false. Outside the Development environment a
    /// member on another address than loopback needs certificates or this.
    /// </summary>
    public bool Off { get; set; }

    /// <summary>Whether there are certificates.</summary>
    public bool IsOn => Certificate is { Length: > 0 };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        string?[] files = [Certificate, Key, Authority];
        if (files.Any(static file => file is { Length: > 0 })
            && !Array.TrueForAll(files, static file => file is { Length: > 0 }))
            yield return new ValidationResult("Grid:Cluster:Tls needs all three: Certificate, Key and Authority.");
        if (IsOn && Off)
            yield return new ValidationResult("Grid:Cluster:Tls has certificates and Off; choose one.");
    }
}
