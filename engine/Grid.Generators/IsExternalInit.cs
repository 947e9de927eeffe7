// Lets this netstandard2.0 assembly declare records and init-only members.
namespace System.Runtime.CompilerServices;

internal static class IsExternalInit;
