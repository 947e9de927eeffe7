namespace Grid;

/// <summary>A grain that a silo can call to finish the pending work of its state.</summary>
public interface IResumable : IGrainWithStringKey
{
    /// <summary>Finishes the pending work; does nothing when there is none.</summary>
    Task Resume();
}
