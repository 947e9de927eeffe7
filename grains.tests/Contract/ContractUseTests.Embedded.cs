using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using Grid.Residents;
using Grid.Tests.Tidy;

namespace Grid.Tests.Contract;

/// <summary>The grains use what <c>engine/README.md</c> lists of the contract, and nothing else.</summary>
public sealed partial class ContractUseTests
{
    private const string ContractNamespace = "Grid.Engine";
    private const string From = "## The contract, member by member";
    private const string Until = "## What this engine does beyond";

    [Fact]
    public void Grains_use_only_what_the_list_of_the_contract_has()
    {
        var listed = Listed();
        var used = Used(typeof(ResidentGrain).Assembly.Location);
        Assert.Contains("Grain", used);
        Assert.Contains("GetGrain", used);
        Assert.DoesNotContain(used, name => !listed.Contains(name));
    }

    [Fact]
    public void What_the_list_does_not_have_is_noticed() => Assert.DoesNotContain("RegisterOrUpdateReminder", Listed());

    /// <summary>Every name in the tables of that part of the document.</summary>
    private static HashSet<string> Listed()
    {
        var text = File.ReadAllText(Path.Combine(SourceTree.Root, "engine", "README.md"));
        var part = text[text.IndexOf(From, StringComparison.Ordinal)..text.IndexOf(Until, StringComparison.Ordinal)];
        return
        [
            .. from code in CodeSpan().Matches(part)
               from word in Word().Matches(code.Value)
               select word.Value,
        ];
    }

    /// <summary>The types and members of the contract that an assembly refers to.</summary>
    private static SortedSet<string> Used(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var handle in metadata.TypeReferences)
        {
            if (IsOfContract(metadata, handle))
                used.Add(TypeName(metadata, handle));
        }

        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (OwnerOf(metadata, member.Parent) is { } owner && IsOfContract(metadata, owner)
                && MemberName(metadata.GetString(member.Name)) is { } name)
                used.Add(name);
        }

        return used;
    }

    private static bool IsOfContract(MetadataReader metadata, TypeReferenceHandle handle) =>
        metadata.GetString(metadata.GetTypeReference(handle).Namespace) == ContractNamespace;

    private static string TypeName(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var name = metadata.GetString(metadata.GetTypeReference(handle).Name).Split('`')[0];
        return name.EndsWith("Attribute", StringComparison.Ordinal) ? name[..^"Attribute".Length] : name;
    }

    // Constructors and operators come with their type; an accessor stands for its property.
    private static string? MemberName(string name) => name switch
    {
        ".ctor" => null,
        _ when name.StartsWith("op_", StringComparison.Ordinal) => null,
        _ when name.StartsWith("get_", StringComparison.Ordinal) || name.StartsWith("set_", StringComparison.Ordinal) => name[4..],
        _ => name,
    };

    /// <summary>The type that a member is of, also behind type arguments: <c>IStorage&lt;T&gt;</c>.</summary>
    private static TypeReferenceHandle? OwnerOf(MetadataReader metadata, EntityHandle parent)
    {
        if (parent.Kind == HandleKind.TypeReference)
            return (TypeReferenceHandle)parent;
        if (parent.Kind != HandleKind.TypeSpecification)
            return null;
        var signature = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            return null;
        // Class or value type, then which.
        signature.ReadCompressedInteger();
        var type = signature.ReadTypeHandle();
        return type.Kind == HandleKind.TypeReference ? (TypeReferenceHandle)type : null;
    }

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"[A-Za-z_]\w*")]
    private static partial Regex Word();
}
