namespace Grid.Generators;

/// <summary>Writes the part of a codec that goes through the members: to bytes, from bytes, to a copy.</summary>
internal sealed class BodyEmitter(TypeModel type, SourceText text)
{
    private const uint PartWire = 6;
    private const uint BaseKey = (0 << 3) | PartWire;
    private const uint BodyKey = (1 << 3) | PartWire;

    /// <summary>An expression that gets a member from an object.</summary>
    public static string Get(MemberModel member, string target, bool isStruct) => member.Get switch
    {
        MemberAccess.FieldAccessor => $"Field_{member.Level}_{member.Name}({Ref(isStruct)}{target})",
        MemberAccess.PropertyAccessor => $"Get_{member.Level}_{member.Name}({Ref(isStruct)}{target})",
        _ => $"{target}.@{member.Name}",
    };

    public void EmitWriteBody()
    {
        text.Open($"internal static void WriteBody(ref global::Grid.Codec.CodecWriter writer, {type.Name} value)");
        EmitWriteLevel(0);
        text.Close().Line();
    }

    public void EmitReadBody()
    {
        text.Open($"internal static {type.Name} ReadBody(ref global::Grid.Codec.CodecReader reader)");
        for (var index = 0; index < type.Members.Count; index++)
        {
            var member = type.Members[index];
            var missing = member.Presence == Presence.ValueCollection ? $"{member.Codec}.Empty" : "default";
            text.Line($"{member.TypeName} m{index} = {missing};");
            if (member.KeepsInitializer)
                text.Line($"var has{index} = false;");
        }

        EmitReadLoop(new Section(0, MemberPart.Fields));
        EmitConstruction(
            "result",
            index => ReadValue(type.Members[index], index),
            index => type.Members[index].KeepsInitializer ? $"has{index}" : null);
        text.Line("return result;").Close().Line();
    }

    public void EmitCopyBody()
    {
        text.Open($"private static {type.Name} CopyBody({type.Name} value)");
        EmitConstruction("copy", index => CopyValue(type.Members[index], index), _ => null);
        text.Line("return copy;").Close().Line();
    }

    /// <summary>Declares what reaches hidden members; the runtime fills it in without reflection.</summary>
    public void EmitAccessors()
    {
        const string Attribute = "[global::System.Runtime.CompilerServices.UnsafeAccessor("
            + "global::System.Runtime.CompilerServices.UnsafeAccessorKind.";
        var target = Ref(type.IsStruct);
        foreach (var member in type.Members)
        {
            var name = $"{member.Level}_{member.Name}({target}{member.Declaring} target";
            if (member.Get == MemberAccess.FieldAccessor || member.Set == MemberAccess.FieldAccessor)
            {
                text.Line($"{Attribute}Field, Name = \"{member.FieldName}\")]");
                text.Line($"private static extern ref {member.TypeName} Field_{name});").Line();
            }

            if (member.Get == MemberAccess.PropertyAccessor)
            {
                text.Line($"{Attribute}Method, Name = \"get_{member.Name}\")]");
                text.Line($"private static extern {member.TypeName} Get_{name});").Line();
            }

            if (member.Set == MemberAccess.PropertyAccessor)
            {
                text.Line($"{Attribute}Method, Name = \"set_{member.Name}\")]");
                text.Line($"private static extern void Set_{name}, {member.TypeName} value);").Line();
            }
        }

        if (!type.ConstructsByAccessor)
            return;
        var parameters = type.ConstructorArguments.Select((argument, index) =>
            $"{type.Members.First(member => member.Name == argument).TypeName} argument{index}");
        text.Line($"{Attribute}Constructor)]");
        text.Line($"private static extern {type.Name} Create({string.Join(", ", parameters)});").Line();
    }

    private void EmitWriteLevel(int level)
    {
        if (HasLevel(level + 1))
        {
            text.Line($"var base{level} = writer.BeginPart({BaseKey}u);");
            EmitWriteLevel(level + 1);
            text.Line($"writer.EndPart(base{level});");
        }

        EmitWriteMembers(new Section(level, MemberPart.Fields));
        var body = new Section(level, MemberPart.Body);
        if (!HasMembers(body))
            return;
        text.Line($"var body{level} = writer.BeginPart({BodyKey}u);");
        EmitWriteMembers(body);
        text.Line($"writer.EndPart(body{level});");
    }

    private void EmitWriteMembers(Section section)
    {
        foreach (var (member, index) in MembersOf(section))
        {
            text.Line($"var m{index} = {Get(member, "value", type.IsStruct)};");
            if (Condition(member, $"m{index}") is { } condition)
                text.Open($"if ({condition})");
            else
                text.Open("");
            var value = member.Presence == Presence.Nullable ? $"m{index}.GetValueOrDefault()" : $"m{index}";
            text.Line($"writer.WriteKey({member.Key}u);");
            text.Line($"{member.Codec}.Write(ref writer, {value});");
            text.Close();
        }
    }

    private static string? Condition(MemberModel member, string value) => member.Presence switch
    {
        Presence.Value => member.KeepsInitializer ? null : $"!{member.Codec}.IsDefault({value})",
        Presence.Nullable => $"{value}.HasValue",
        Presence.Reference => $"{value} is not null",
        Presence.Collection => member is { EmptyIsMissing: true, KeepsInitializer: false }
            ? $"!{member.Codec}.IsEmpty({value})"
            : $"{value} is not null",
        _ => member.KeepsInitializer ? $"!{member.Codec}.IsDefault({value})" : $"!{member.Codec}.IsEmpty({value})",
    };

    private void EmitReadLoop(Section section)
    {
        var key = section.KeyName;
        var members = MembersOf(section).ToArray();
        var hasBase = section.Part == MemberPart.Fields && HasLevel(section.Level + 1);
        var body = section with { Part = MemberPart.Body };
        var hasBody = section.Part == MemberPart.Fields && HasMembers(body);
        text.Open($"while (reader.TryReadKey(out var {key}))");
        text.Open($"switch ({key})");
        if (hasBase)
            EmitReadPart(BaseKey, new Section(section.Level + 1, MemberPart.Fields));
        foreach (var (member, index) in members)
        {
            text.Line($"case {member.Key}u:");
            text.Indented($"m{index} = {member.Codec}.Read(ref reader);");
            if (member.KeepsInitializer)
                text.Indented($"has{index} = true;");
            text.Indented("break;");
        }

        if (hasBody)
            EmitReadPart(BodyKey, body);
        var ids = string.Join(", ", members.Select(entry => $"{entry.Member.Id}u"));
        text.Line("default:");
        text.Indented($"global::Grid.Codec.MessageCodec.Skip(ref reader, {key}, [{ids}]);");
        text.Indented("break;");
        text.Close().Close().Line();
    }

    private void EmitReadPart(uint partKey, Section section)
    {
        text.Line($"case {partKey}u:");
        text.Open($"if (reader.TryBeginNested(out var end{section.KeyName}))");
        EmitReadLoop(section);
        text.Line($"reader.EndNested(end{section.KeyName});").Close();
        text.Line("break;");
    }

    private void EmitConstruction(string result, Func<int, string> value, Func<int, string?> condition)
    {
        var arguments = string.Join(", ", type.ConstructorArguments.Select(name => value(IndexOf(name))));
        var create = type.ConstructsByAccessor ? $"Create({arguments})" : $"new {type.Name}({arguments})";
        var initialized = Indexes(MemberAccess.Initializer)
            .Select(index => $"@{type.Members[index].Name} = {value(index)}")
            .ToArray();
        if (initialized.Length == 0)
        {
            text.Line($"var {result} = {create};");
        }
        else
        {
            text.Open($"var {result} = {create}");
            foreach (var assignment in initialized)
                text.Line(assignment + ",");
            text.Close(";");
        }

        for (var index = 0; index < type.Members.Count; index++)
        {
            if (Assignment(type.Members[index], result, value(index)) is not { } assignment)
                continue;
            if (condition(index) is { } test)
                text.Line($"if ({test})").Indented(assignment);
            else
                text.Line(assignment);
        }
    }

    private string? Assignment(MemberModel member, string target, string value) => member.Set switch
    {
        MemberAccess.Direct => $"{target}.@{member.Name} = {value};",
        MemberAccess.FieldAccessor => $"Field_{member.Level}_{member.Name}({Ref(type.IsStruct)}{target}) = {value};",
        MemberAccess.PropertyAccessor => $"Set_{member.Level}_{member.Name}({Ref(type.IsStruct)}{target}, {value});",
        _ => null,
    };

    private static string ReadValue(MemberModel member, int index) =>
        member is { EmptyIsMissing: true, Presence: Presence.Collection, KeepsInitializer: false }
            ? $"m{index} ?? {member.Codec}.Empty"
            : $"m{index}";

    private string CopyValue(MemberModel member, int index)
    {
        var value = Get(member, "value", type.IsStruct);
        if (member.IsImmutable)
            return value;
        return member.Presence == Presence.Nullable
            ? $"{value} is {{ }} m{index} ? {member.Codec}.Copy(m{index}) : ({member.TypeName})null"
            : $"{member.Codec}.Copy({value})";
    }

    private IEnumerable<(MemberModel Member, int Index)> MembersOf(Section section) => type.Members
        .Select((member, index) => (member, index))
        .Where(entry => entry.member.Level == section.Level && entry.member.Part == section.Part);

    private IEnumerable<int> Indexes(MemberAccess set) =>
        Enumerable.Range(0, type.Members.Count).Where(index => type.Members[index].Set == set);

    private int IndexOf(string name) => Enumerable.Range(0, type.Members.Count).First(index => type.Members[index].Name == name);

    private bool HasMembers(Section section) => MembersOf(section).Any();

    private bool HasLevel(int level) => type.Members.Any(member => member.Level >= level);

    private static string Ref(bool isStruct) => isStruct ? "ref " : "";

    /// <summary>One id space of a message.</summary>
    private readonly record struct Section(int Level, MemberPart Part)
    {
        public string KeyName => (Part == MemberPart.Body ? "bodyKey" : "key") + Level;
    }
}
