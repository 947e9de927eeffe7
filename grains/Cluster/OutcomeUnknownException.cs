namespace Grid;

/// <summary>
/// The silo lost the right to answer during the call, so the outcome is unknown. Repeat the command under its id.
/// </summary>
[GenerateSerializer, Alias("grid.outcome-unknown")]
public sealed class OutcomeUnknownException : OrleansException
{
    public OutcomeUnknownException()
        : base("The silo has not confirmed recently that it is a member of the cluster. The outcome is unknown.") { }
}
