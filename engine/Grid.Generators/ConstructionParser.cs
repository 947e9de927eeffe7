using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>Finds out how an object of a type is made from its members.</summary>
internal sealed class ConstructionParser(INamedTypeSymbol type, List<DiagnosticModel> diagnostics)
{
    /// <summary>How an object is made.</summary>
    /// <param name="ByAccessor">Whether the constructor is hidden.</param>
    /// <param name="Arguments">The names of the members that it takes.</param>
    /// <param name="Members">The members, each knowing how it is set.</param>
    public readonly record struct Construction(bool ByAccessor, IReadOnlyList<string> Arguments, IReadOnlyList<MemberModel> Members);

    public Construction Parse(IReadOnlyList<MemberModel> members)
    {
        if (type.IsAbstract)
            return new Construction(false, [], members);
        var constructor = Find(members);
        if (constructor is null)
        {
            if (!type.IsValueType)
                diagnostics.Add(new DiagnosticModel(CodecDiagnostics.NoConstructor, LocationModel.Of(type), new([type.Name])));
            return new Construction(false, [], members);
        }

        var byAccessor = !Accessibility.CanBeReached(constructor.DeclaredAccessibility);
        var taken = new List<string>();
        foreach (var parameter in constructor.Parameters)
        {
            if (MemberFor(parameter, members) is { } member)
                taken.Add(member.Name);
            else if (diagnostics.Count == 0) // else the fault is the member's, and reported
                diagnostics.Add(new DiagnosticModel(
                    CodecDiagnostics.ParameterWithoutMember, LocationModel.Of(parameter), new([parameter.Name, type.Name])));
        }

        return new Construction(
            byAccessor,
            taken,
            [.. members.Select(member => member with { Set = SetAccess(member, taken, byAccessor) })]);
    }

    private static MemberAccess SetAccess(MemberModel member, List<string> taken, bool byAccessor)
    {
        if (taken.Contains(member.Name))
            return MemberAccess.Constructor;
        if (member.Set != MemberAccess.Initializer)
            return member.Set;
        // An object initialiser cannot leave a member out, and cannot follow a constructor that is reached by an accessor.
        return member.KeepsInitializer || byAccessor ? MemberAccess.PropertyAccessor : MemberAccess.Initializer;
    }

    private IMethodSymbol? Find(IReadOnlyList<MemberModel> members)
    {
        if (RecordParameters.ConstructorOf(type) is { } primary)
            return primary;
        if (type.IsValueType)
            return null;
        var constructors = type.InstanceConstructors.Where(constructor => !IsCopyConstructor(constructor)).ToArray();
        return constructors.FirstOrDefault(constructor => constructor.Parameters.Length == 0)
            ?? constructors
                .Where(constructor => constructor.Parameters.All(parameter => MemberFor(parameter, members) is not null))
                .OrderByDescending(constructor => constructor.Parameters.Length)
                .FirstOrDefault();
    }

    private bool IsCopyConstructor(IMethodSymbol constructor) =>
        type.IsRecord && constructor.Parameters.Length == 1
        && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, type);

    private static MemberModel? MemberFor(IParameterSymbol parameter, IReadOnlyList<MemberModel> members)
    {
        var typeName = GeneratedNames.Of(parameter.Type);
        return members.FirstOrDefault(member => member.Name == parameter.Name && member.TypeName == typeName)
            ?? members.FirstOrDefault(member =>
                string.Equals(member.Name, parameter.Name, StringComparison.OrdinalIgnoreCase) && member.TypeName == typeName);
    }
}
