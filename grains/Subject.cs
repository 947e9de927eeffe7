namespace Grid;

/// <summary>Who acts: an organisation, or <c>organisation/person</c>, as a caller's token names it.</summary>
public static class Subject
{
    /// <summary>The organisation: the subject up to the first slash.</summary>
    public static string OrganisationOf(string subject) =>
        subject.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? subject[..slash] : subject;
}
