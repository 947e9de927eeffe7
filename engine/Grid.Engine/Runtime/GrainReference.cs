namespace Grid.Engine.Runtime;

/// <summary>Base class of the generated proxies.</summary>
public abstract class GrainReference : IAddressable
{
    internal GrainId GrainId => throw new NotImplementedException();

    internal T Cast<T>() => throw new NotImplementedException();
}
