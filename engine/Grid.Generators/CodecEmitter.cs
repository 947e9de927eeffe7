namespace Grid.Generators;

/// <summary>Writes the codec of one type: the frame around its body, and the choice between it and derived types.</summary>
internal sealed class CodecEmitter(MessageModel message)
{
    private readonly TypeModel _type = message.Type;
    private readonly SourceText _text = SourceText.BeginFile();

    public static string Emit(MessageModel message) => new CodecEmitter(message).Emit();

    private bool IsPolymorphic => _type.IsAbstract || message.Derived.Count > 0;

    private string Emit()
    {
        _text.Line($"namespace {GeneratedNames.Namespace};").Line();
        _text.Open($"internal readonly struct {_type.Codec} : global::Grid.Codec.IValueCodec<{_type.Name}>");
        _text.Line("public static global::Grid.Codec.WireType Wire => global::Grid.Codec.WireType.Bytes;").Line();
        _text.Line($"public static bool IsImmutable => {(_type.IsImmutable ? "true" : "false")};").Line();
        if (_type.Diagnostics.Count > 0)
        {
            EmitPlaceholder();
            return _text.Close().ToString();
        }

        EmitIsDefault();
        EmitWrite();
        EmitRead();
        EmitCopy();
        if (!_type.IsAbstract)
        {
            var body = new BodyEmitter(_type, _text);
            body.EmitWriteBody();
            body.EmitReadBody();
            if (!_type.IsImmutable)
                body.EmitCopyBody();
            body.EmitAccessors();
        }

        _text.Close();
        return _text.ToString();
    }

    /// <summary>Keeps the names that other codecs use, so that the build shows what is wrong with this type and no more.</summary>
    private void EmitPlaceholder()
    {
        const string Throw = "throw new global::System.NotSupportedException()";
        foreach (var (write, read) in new[] { ("Write", "Read"), ("WriteBody", "ReadBody") })
        {
            _text.Line($"public static void {write}(ref global::Grid.Codec.CodecWriter writer, {_type.Name} value) => {Throw};").Line();
            _text.Line($"public static {_type.Name} {read}(ref global::Grid.Codec.CodecReader reader) => {Throw};").Line();
        }

        _text.Line($"public static bool IsDefault({_type.Name} value) => {Throw};").Line();
        _text.Line($"public static {_type.Name} Copy({_type.Name} value) => {Throw};");
    }

    private void EmitIsDefault()
    {
        var test = "value is null";
        if (_type.IsStruct)
        {
            var tests = _type.Members.Select(member =>
            {
                var value = BodyEmitter.Get(member, "value", isStruct: true);
                return member.Presence switch
                {
                    Presence.Nullable => $"!{value}.HasValue",
                    Presence.Reference or Presence.Collection => $"{value} is null",
                    _ => $"{member.Codec}.IsDefault({value})",
                };
            });
            test = _type.Members.Count == 0 ? "true" : string.Join(" && ", tests);
        }

        _text.Line($"public static bool IsDefault({_type.Name} value) => {test};").Line();
    }

    private void EmitWrite()
    {
        _text.Open($"public static void Write(ref global::Grid.Codec.CodecWriter writer, {_type.Name} value)");
        if (!_type.IsStruct)
            _text.Open("if (value is null)").Line("writer.WriteNull();").Line("return;").Close().Line();
        _text.Line("var mark = writer.BeginNested();");
        if (_type.IsSealed)
            _text.Line("WriteBody(ref writer, value);");
        else
            EmitWriteByType();
        _text.Line("writer.EndNested(mark);").Close().Line();
    }

    private void EmitWriteByType()
    {
        _text.Line("var type = value.GetType();");
        var branch = "if";
        if (!_type.IsAbstract)
        {
            _text.Line($"if (type == typeof({_type.Name}))").Indented("WriteBody(ref writer, value);");
            branch = "else if";
        }

        foreach (var derived in message.Derived)
        {
            _text.Open($"{branch} (type == typeof({derived.Name}))");
            _text.Line($"global::Grid.Codec.MessageCodec.WriteAlias(ref writer, {Utf8(derived.Alias)});");
            _text.Line($"{derived.Codec}.WriteBody(ref writer, ({derived.Name})value);");
            _text.Close();
            branch = "else if";
        }

        var unknown = $"throw global::Grid.Codec.MessageCodec.UnknownType(type, typeof({_type.Name}));";
        if (branch == "if")
            _text.Line(unknown);
        else
            _text.Line("else").Indented(unknown);
    }

    private void EmitRead()
    {
        _text.Open($"public static {_type.Name} Read(ref global::Grid.Codec.CodecReader reader)");
        _text.Line("if (!reader.TryBeginNested(out var outer))").Indented("return default;");
        if (!IsPolymorphic)
            _text.Line("var value = ReadBody(ref reader);");
        else
            EmitReadByAlias();
        _text.Line("reader.EndNested(outer);").Line("return value;").Close().Line();
    }

    private void EmitReadByAlias()
    {
        _text.Line($"{_type.Name} value;");
        _text.Line("if (!reader.TryReadAlias(out var alias))").Indented(_type.IsAbstract
            ? $"throw global::Grid.Codec.MessageCodec.MissingAlias(typeof({_type.Name}));"
            : "value = ReadBody(ref reader);");
        foreach (var derived in message.Derived)
        {
            _text.Line($"else if (global::System.MemoryExtensions.SequenceEqual(alias, {Utf8(derived.Alias)}))");
            _text.Indented($"value = {derived.Codec}.ReadBody(ref reader);");
        }

        _text.Line("else").Indented($"throw global::Grid.Codec.MessageCodec.UnknownAlias(alias, typeof({_type.Name}));");
    }

    private void EmitCopy()
    {
        if (_type.IsImmutable)
        {
            _text.Line($"public static {_type.Name} Copy({_type.Name} value) => value;").Line();
            return;
        }

        _text.Open($"public static {_type.Name} Copy({_type.Name} value)");
        if (!_type.IsStruct)
            _text.Line("if (value is null)").Indented("return null;");
        if (_type.IsRecursive)
            _text.Line("global::System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();");
        if (_type.IsSealed)
        {
            _text.Line("return CopyBody(value);").Close().Line();
            return;
        }

        _text.Line("var type = value.GetType();");
        if (!_type.IsAbstract)
            _text.Line($"if (type == typeof({_type.Name}))").Indented("return CopyBody(value);");
        foreach (var derived in message.Derived)
            _text.Line($"if (type == typeof({derived.Name}))").Indented($"return {derived.Codec}.Copy(({derived.Name})value);");
        _text.Line($"throw global::Grid.Codec.MessageCodec.UnknownType(type, typeof({_type.Name}));").Close().Line();
    }

    private static string Utf8(string text) => $"{Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true)}u8";
}
