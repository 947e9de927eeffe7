namespace Grid;

/// <summary>The silo may not answer for its grains at the moment. Nothing was done: call again.</summary>
[GenerateSerializer, Alias("grid.not-serving")]
public sealed class NotServingException : OrleansException
{
    /// <summary>Makes one.</summary>
    public NotServingException()
        : base("The silo has not heard lately that it is a member of the cluster. Nothing was done.")
    {
    }
}

/// <summary>
/// The silo lost the right to answer while it did what was asked. The outcome is unknown. Every command can be repeated under
/// its id.
/// </summary>
[GenerateSerializer, Alias("grid.outcome-unknown")]
public sealed class OutcomeUnknownException : OrleansException
{
    /// <summary>Makes one.</summary>
    public OutcomeUnknownException()
        : base("The silo has not heard lately that it is a member of the cluster. The outcome is unknown.")
    {
    }
}
