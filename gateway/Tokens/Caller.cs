using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Grid.Gateway.Tokens;

/// <summary>The caller that a checked token names. A struct: checking a token allocates nothing.</summary>
public readonly struct Caller
{
    /// <summary>The longest subject in bytes.</summary>
    public const int MaxSubjectLength = 64;

    private readonly SubjectBytes _subject;
    private readonly byte _length;

    internal Caller(Role role, DateTimeOffset expiresAt, Guid residentId)
    {
        Role = role;
        ExpiresAt = expiresAt;
        ResidentId = residentId;
    }

    internal Caller(Role role, DateTimeOffset expiresAt, ReadOnlySpan<byte> subject)
    {
        Role = role;
        ExpiresAt = expiresAt;
        subject.CopyTo(_subject);
        _length = (byte)subject.Length;
    }

    /// <summary>The caller's role.</summary>
    public Role Role { get; }

    /// <summary>When the token expires.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>The resident, for <see cref="Role.Resident"/>; empty for every other role.</summary>
    public Guid ResidentId { get; }

    /// <summary>The subject of every other role: visible ASCII.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> SubjectBytesUtf8 => ((ReadOnlySpan<byte>)_subject)[.._length];

    /// <summary>The venue that a device belongs to: its subject up to the first slash.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> VenueIdUtf8
    {
        get
        {
            var subject = SubjectBytesUtf8;
            var slash = subject.IndexOf((byte)'/');
            return slash < 0 ? subject : subject[..slash];
        }
    }

    /// <summary>The subject as text; allocates.</summary>
    public string Subject => Role == Role.Resident ? ResidentId.ToString() : Encoding.ASCII.GetString(SubjectBytesUtf8);

    [InlineArray(MaxSubjectLength)]
    private struct SubjectBytes
    {
        private byte _first;
    }
}
