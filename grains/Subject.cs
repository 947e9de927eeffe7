namespace Grid;

/// <summary>The caller that a token names: an organisation, or <c>organisation/person</c>.</summary>
public static class Subject
{
    /// <summary>The subject up to its first slash.</summary>
    public static string OrganisationOf(string subject) =>
        subject.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? subject[..slash] : subject;
}
