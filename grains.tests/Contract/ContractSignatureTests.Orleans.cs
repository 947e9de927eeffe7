using System.Reflection;
using System.Text.RegularExpressions;
using Grid.Tests.Tidy;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Grid.Tests.Contract;

/// <summary>What the embedded engine declares of the contract, Orleans has, with the same names, types and parameters.</summary>
public sealed partial class ContractSignatureTests
{
    private static readonly string[] s_namespaces =
        ["Orleans", "Orleans.Concurrency", "Orleans.Core", "Orleans.Runtime", "Orleans.Storage"];

    private static readonly Dictionary<string, string> s_keywords = new(StringComparer.Ordinal)
    {
        ["Void"] = "void", ["Object"] = "object", ["String"] = "string", ["Boolean"] = "bool", ["Byte"] = "byte",
        ["Int32"] = "int", ["UInt32"] = "uint", ["Int64"] = "long", ["UInt64"] = "ulong",
    };

    [Fact]
    public void Every_type_and_member_of_the_contract_is_one_of_Orleans()
    {
        var orleans = OrleansTypes();
        var faults = new List<string>();
        var compared = 0;
        foreach (var declared in Declared())
        {
            var name = declared.Identifier.Text;
            var arity = (declared as TypeDeclarationSyntax)?.TypeParameterList?.Parameters.Count ?? 0;
            if (!orleans.TryGetValue((name, arity), out var type))
            {
                faults.Add($"{name} is no type of Orleans");
                continue;
            }

            var has = SignaturesOf(type);
            foreach (var signature in SignaturesOf(declared))
            {
                compared++;
                if (!has.Contains(signature))
                    faults.Add($"{name}: {signature}");
            }
        }

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
        Assert.True(compared > 60, $"Only {compared} members were compared.");
    }

    private static Dictionary<(string Name, int Arity), Type> OrleansTypes()
    {
        var types = new Dictionary<(string, int), Type>();
        var assemblies = new[] { typeof(Grain), typeof(IPersistentState<>), typeof(Orleans.GenerateSerializerAttribute), typeof(GrainState<>) }
            .Select(type => type.Assembly).Distinct();
        foreach (var type in assemblies.SelectMany(assembly => assembly.GetExportedTypes()))
        {
            if (s_namespaces.Contains(type.Namespace) && !type.IsNested)
                types.TryAdd((type.Name.Split('`')[0], type.GetGenericArguments().Length), type);
        }

        return types;
    }

    private static IEnumerable<BaseTypeDeclarationSyntax> Declared() =>
        from file in SourceTree.Files("engine/Grid.Engine/Contract", ".cs")
        from type in file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        where type.Modifiers.Any(SyntaxKind.PublicKeyword) && type.Parent is BaseNamespaceDeclarationSyntax
        select type;

    private static IEnumerable<string> SignaturesOf(BaseTypeDeclarationSyntax declared)
    {
        if (declared is EnumDeclarationSyntax codes)
            return codes.Members.Select(code => code.Identifier.Text);
        var type = (TypeDeclarationSyntax)declared;
        var isInterface = type is InterfaceDeclarationSyntax;
        return type.Members.Where(member => isInterface || IsVisible(member.Modifiers)).Select(SignatureOf).OfType<string>();
    }

    private static bool IsVisible(SyntaxTokenList modifiers) =>
        (modifiers.Any(SyntaxKind.PublicKeyword) || modifiers.Any(SyntaxKind.ProtectedKeyword)) && !modifiers.Any(SyntaxKind.OverrideKeyword);

    private static string? SignatureOf(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax { ExplicitInterfaceSpecifier: null } method =>
            $"{Plain(method.ReturnType.ToString())} {method.Identifier.Text}({string.Join(", ", method.ParameterList.Parameters.Select(parameter => $"{Plain(parameter.Type!.ToString())} {parameter.Identifier.Text}"))})",
        PropertyDeclarationSyntax { ExplicitInterfaceSpecifier: null } property =>
            $"{Plain(property.Type.ToString())} {property.Identifier.Text}",
        _ => null,
    };

    private static HashSet<string> SignaturesOf(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy;
        if (type.IsEnum)
            return [.. Enum.GetNames(type)];
        // The contract may declare a member where Orleans inherits it.
        Type[] bases = [type, .. type.GetInterfaces()];
        return
        [
            .. from each in bases
               from method in each.GetMethods(All)
               where !method.IsSpecialName
               select $"{NameOf(method.ReturnType)} {method.Name}({string.Join(", ", method.GetParameters().Select(parameter => $"{NameOf(parameter.ParameterType)} {parameter.Name}"))})",
            .. from each in bases
               from property in each.GetProperties(All)
               select $"{NameOf(property.PropertyType)} {property.Name}",
        ];
    }

    private static string NameOf(Type type)
    {
        if (type.IsByRef)
            return NameOf(type.GetElementType()!);
        if (type.IsArray)
            return NameOf(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return NameOf(inner);
        var name = type.Name.Split('`')[0];
        return type.IsGenericType
            ? $"{name}<{string.Join(",", type.GetGenericArguments().Select(NameOf))}>"
            : s_keywords.GetValueOrDefault(name, name);
    }

    // Whether something may be null is said differently from version to version.
    private static string Plain(string type) => Noise().Replace(type, "");

    [GeneratedRegex(@"\?|\s|\b[A-Za-z]+\.")]
    private static partial Regex Noise();
}
