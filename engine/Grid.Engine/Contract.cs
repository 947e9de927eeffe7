namespace Grid.Engine;

/// <summary>Marks a grain interface whose grains are named by a GUID.</summary>
public interface IGrainWithGuidKey;
