using System.Diagnostics;

namespace Grid.Tests.Fixtures;

/// <summary>A test's own disk of a few MiB, in memory, that can be filled to its last byte.</summary>
internal sealed class SmallDisk : IDisposable
{
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(30);

    internal SmallDisk(int mebibytes)
    {
        Path = Directory.CreateTempSubdirectory("grid-disk-").FullName;
        Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", Path);
    }

    internal string Path { get; }

    /// <summary>Leaves no byte free.</summary>
    internal void Fill()
    {
        using var file = new FileStream(
            System.IO.Path.Combine(Path, "filling"),
            FileMode.Create,
            FileAccess.Write,
            FileShare.None,
            bufferSize: 1
        );
        foreach (var bytes in new[] { 1 << 16, 4_096, 1 })
        {
            try
            {
                while (true)
                    file.Write(new byte[bytes]);
            }
            catch (IOException)
            {
                // No room for a block of this size: try a smaller one.
            }
        }
    }

    /// <summary>Frees the space again.</summary>
    internal void Empty() => File.Delete(System.IO.Path.Combine(Path, "filling"));

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        Directory.Delete(Path);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        if (!process.WaitForExit(StepTimeout) || process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed.");
    }
}

/// <summary>A test that mounts a disk. Skipped with a reason where mounting is not permitted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Skip = "Only root on Linux may mount a disk.";
    }
}
