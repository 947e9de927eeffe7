namespace Grid.Tests.Fixtures;

/// <summary>A temporary folder, deleted when disposed.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("grid-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
