namespace Grid.Keys;

/// <summary>The key ring can't be used. The message names the file and never a secret.</summary>
public sealed class KeyRingException(string message) : Exception(message);
