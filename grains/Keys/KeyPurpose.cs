namespace Grid.Keys;

/// <summary>The use of a secret. A secret of one purpose is never used for another.</summary>
public enum KeyPurpose
{
    /// <summary>HMAC-SHA256 over the bearer tokens of callers.</summary>
    AccessToken,

    /// <summary>AES-256-GCM over the resident key inside a displayed code.</summary>
    DisplayToken,

    /// <summary>
    /// AES-256-GCM over stored names, id numbers and phones. The ring keeps old keys for ever, because rows are sealed
    /// with them.
    /// </summary>
    Profile,

    /// <summary>
    /// HMAC-SHA256 that turns an id number into a grain key. There is exactly one, and it never rotates: every key in
    /// the store derives from it.
    /// </summary>
    ResidentPepper,
}
