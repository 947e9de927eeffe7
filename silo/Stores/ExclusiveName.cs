using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Grid.Silo.Stores;

/// <summary>
/// Gives a finished file its name, unless the name is taken: of many who try at once one succeeds. The framework's move looks
/// first and renames then, so that two can succeed, the second over the first.
/// </summary>
internal static partial class ExclusiveName
{
    private const int AlreadyThere = 17;

    /// <summary>Gives the draft the name; the draft's own name goes, or stays when the name is taken.</summary>
    /// <returns>False when the name is taken.</returns>
    /// <exception cref="IOException">The folder can't be written.</exception>
    internal static bool TryTake(string draft, string path)
    {
        if (OperatingSystem.IsWindows())
            return TryMove(draft, path);
        if (Link(draft, path) == 0)
        {
            File.Delete(draft);
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == AlreadyThere
            ? false
            : throw new IOException($"{path} can't be made: {new Win32Exception(error).Message}");
    }

    // There the system itself refuses a name that is taken.
    private static bool TryMove(string draft, string path)
    {
        try
        {
            File.Move(draft, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);
}
