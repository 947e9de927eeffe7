namespace Grid.Gateway.Tokens;

/// <summary>The caller's role. Tokens contain these values, so never renumber or reuse one.</summary>
public enum Role : byte
{
    /// <summary>A person's phone. The subject is the resident id.</summary>
    Resident = 1,

    /// <summary>
    /// A venue's scanner, door or turnstile. Its subject is the venue id, or venue id, slash, device.
    /// </summary>
    Device = 2,

    /// <summary>A sampling site.</summary>
    Sampler = 3,

    /// <summary>A laboratory.</summary>
    Lab = 4,

    /// <summary>A vaccination site.</summary>
    Clinic = 5,

    /// <summary>Hotline and code staff.</summary>
    Operator = 6,

    /// <summary>The grid's administration.</summary>
    Admin = 7,

    /// <summary>Oversight.</summary>
    Auditor = 8,
}

/// <summary>A set of roles, for a route's access rule.</summary>
[Flags]
public enum Roles
{
    /// <summary>No role.</summary>
    None = 0,

    /// <inheritdoc cref="Role.Resident"/>
    Resident = 1 << Role.Resident,

    /// <inheritdoc cref="Role.Device"/>
    Device = 1 << Role.Device,

    /// <inheritdoc cref="Role.Sampler"/>
    Sampler = 1 << Role.Sampler,

    /// <inheritdoc cref="Role.Lab"/>
    Lab = 1 << Role.Lab,

    /// <inheritdoc cref="Role.Clinic"/>
    Clinic = 1 << Role.Clinic,

    /// <inheritdoc cref="Role.Operator"/>
    Operator = 1 << Role.Operator,

    /// <inheritdoc cref="Role.Admin"/>
    Admin = 1 << Role.Admin,

    /// <inheritdoc cref="Role.Auditor"/>
    Auditor = 1 << Role.Auditor,
}
