namespace Grid;

/// <summary>The silo may not answer for its grains now. It did nothing: call again.</summary>
[GenerateSerializer, Alias("grid.not-serving")]
public sealed class NotServingException : OrleansException
{
    public NotServingException()
        : base("The silo has not confirmed recently that it is a member of the cluster. It did nothing.") { }
}
