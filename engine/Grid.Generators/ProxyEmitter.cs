namespace Grid.Generators;

/// <summary>Writes the proxy of a grain interface, and a pending call for each of its methods.</summary>
internal static class ProxyEmitter
{
    private const string ValueTask = "global::System.Threading.Tasks.ValueTask";
    private const string Task = "global::System.Threading.Tasks.Task";
    private const string Token = "global::System.Threading.CancellationToken";
    private const string As = "global::System.Runtime.CompilerServices.Unsafe.As";
    private const string Writer = "global::Grid.Codec.CodecWriter";
    private const string Reader = "global::Grid.Codec.CodecReader";
    private const string Runtime = GrainNames.Runtime;

    public static string Emit(InterfaceModel grain)
    {
        var text = SourceText.BeginFile();
        text.Line($"namespace {GrainNames.Namespace};").Line();
        EmitProxy(text, grain);
        EmitFactory(text.Line(), grain);
        for (var i = 0; i < grain.Methods.Count; i++)
            EmitCall(text.Line(), grain, grain.Methods[i], i);
        return text.ToString();
    }

    /// <summary>The name of the class that makes proxies of the interface.</summary>
    public static string FactoryName(InterfaceModel grain) => grain.Identifier + "_Proxies";

    private static string ProxyName(InterfaceModel grain) => grain.Identifier + "_Proxy";

    private static string CallName(InterfaceModel grain, int index) => $"{grain.Identifier}_Call{index}";

    private static void EmitProxy(SourceText text, InterfaceModel grain)
    {
        text.Open($"internal sealed class {ProxyName(grain)} : {Runtime}GrainReference, {grain.Name}");
        for (var i = 0; i < grain.Methods.Count; i++)
        {
            var method = grain.Methods[i];
            var types = string.Concat(method.Parameters.Select(static parameter => $", typeof({parameter.TypeName})"));
            text.Line($"private static readonly {Runtime}GrainMethod s_method{i} = new(typeof({method.Declaring}), \"{method.Name}\", "
                + $"{method.Id}u, {Runtime}GrainMethodKind.{method.Kind}, {(method.IsReadOnly ? "true" : "false")}, {method.TimeoutTicks}L{types});");
        }

        text.Line();
        text.Line($"internal static readonly {Runtime}GrainMethod[] Methods = [{string.Join(", ", grain.Methods.Select(static (_, i) => "s_method" + i))}];");

        text.Line();
        text.Line($"public {ProxyName(grain)}({Runtime}GrainHost host, in {Runtime}GrainKey key)");
        text.Indented(": base(host, key)").Open("").Close();
        for (var i = 0; i < grain.Methods.Count; i++)
            EmitMethod(text.Line(), grain, grain.Methods[i], i);
        text.Close();
    }

    private static void EmitMethod(SourceText text, InterfaceModel grain, MethodModel method, int index)
    {
        var result = method.Result?.TypeName;
        var generic = result is null ? "" : $"<{result}>";
        var asTask = method.IsTask ? ".AsTask()" : "";
        text.Open($"{(method.IsTask ? Task : ValueTask)}{generic} {method.Declaring}.{method.Name}({Declared(method)})");
        EmitArguments(text, method, generic);
        text.Line($"if (!TryEnter(s_method{index}, out var turn))");
        text.Indented($"return Send({CallName(grain, index)}.Of({Passed(method)}), s_method{index}){asTask};");
        text.Line($"{(method.IsTask ? Task : ValueTask)}{generic} request;");
        text.Open("try");
        text.Line($"request = {As}<{method.Declaring}>(turn.Grain).{method.Name}({Passed(method)});");
        text.Open("if (request.IsCompletedSuccessfully)");
        EmitCompleted(text, method);
        text.Close().Close();
        text.Open("catch (global::System.Exception error)");
        text.Line($"return Failed{generic}(turn, error){asTask};").Close();
        var request = method.IsTask ? $"new {ValueTask}{generic}(request)" : "request";
        text.Line($"return Await(turn, {CallName(grain, index)}.Of({TokenOnly(method)}), {request}){asTask};");
        text.Close();
    }

    private static void EmitArguments(SourceText text, MethodModel method, string generic)
    {
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            var parameter = method.Parameters[i];
            if (parameter.IsToken)
            {
                text.Line($"if (a{i}.IsCancellationRequested)");
                text.Indented($"return {(method.IsTask ? Task : ValueTask)}.FromCanceled{generic}(a{i});");
            }
            else if (!parameter.IsShared)
            {
                text.Line($"a{i} = {parameter.Codec}.Copy(a{i});");
            }
        }
    }

    private static void EmitCompleted(SourceText text, MethodModel method)
    {
        if (method.Result is not { } result)
        {
            if (!method.IsTask)
                text.Line("request.GetAwaiter().GetResult();");
            text.Line("turn.End();").Line(method.IsTask ? "return request;" : "return default;");
        }
        else if (method.IsTask && result.IsShared)
        {
            text.Line("turn.End();").Line("return request;");
        }
        else
        {
            var copy = result.IsShared ? "request.Result" : $"{result.Codec}.Copy(request.Result)";
            text.Line($"var result = {copy};").Line("turn.End();");
            text.Line(method.IsTask ? $"return {Task}.FromResult(result);" : $"return new {ValueTask}<{result.TypeName}>(result);");
        }
    }

    private static void EmitFactory(SourceText text, InterfaceModel grain)
    {
        text.Open($"internal sealed class {FactoryName(grain)} : {Runtime}ProxyFactory");
        text.Line($"public override global::System.Type InterfaceType => typeof({grain.Name});").Line();
        text.Line($"public override {Runtime}GrainReference Create({Runtime}GrainHost host, in {Runtime}GrainKey key) => "
            + $"new {ProxyName(grain)}(host, key);").Line();
        text.Line($"public override global::System.ReadOnlySpan<{Runtime}GrainMethod> Methods => {ProxyName(grain)}.Methods;").Line();
        text.Open($"public override {Runtime}PendingCall CreateCall(uint methodId) => methodId switch");
        for (var i = 0; i < grain.Methods.Count; i++)
            text.Line($"{grain.Methods[i].Id}u => {Runtime}CallPool<{CallName(grain, i)}>.Rent(),");
        text.Line("_ => null,").Close(";").Close();
    }

    private static void EmitCall(SourceText text, InterfaceModel grain, MethodModel method, int index)
    {
        var name = CallName(grain, index);
        var generic = method.Result is { } result ? $"<{result.TypeName}>" : "";
        text.Open($"internal sealed class {name} : {Runtime}{(method.Result is null ? "VoidCall" : "ResultCall")}{generic}");
        for (var i = 0; i < method.Parameters.Count; i++)
            text.Line($"private {method.Parameters[i].TypeName} _a{i};");
        EmitRent(text.Line(), method, name);
        var invocation = $"{As}<{method.Declaring}>(grain).{method.Name}({string.Join(", ", method.Parameters.Select((_, i) => "_a" + i))})";
        text.Line().Line($"protected override {ValueTask}{generic} InvokeGrain(object grain) => "
            + (method.IsTask ? $"new {ValueTask}{generic}({invocation});" : $"{invocation};"));
        EmitSerialization(text, method);
        text.Line().Open("protected override void ClearArguments()");
        for (var i = 0; i < method.Parameters.Count; i++)
            text.Line($"_a{i} = default;");
        text.Close();
        text.Line().Line($"protected override void Recycle() => {Runtime}CallPool<{name}>.Return(this);");
        text.Close();
    }

    private static void EmitRent(SourceText text, MethodModel method, string name)
    {
        text.Open($"internal static {name} Of({Declared(method)})");
        text.Line($"var call = {Runtime}CallPool<{name}>.Rent();");
        for (var i = 0; i < method.Parameters.Count; i++)
            text.Line($"call._a{i} = a{i};");
        text.Line("return call;").Close();
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            if (method.Parameters[i].IsToken)
                text.Line().Line($"protected override {Token} Token => _a{i};");
        }
    }

    private static void EmitSerialization(SourceText text, MethodModel method)
    {
        text.Line().Open($"public override void WriteArguments(ref {Writer} writer)");
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            if (!method.Parameters[i].IsToken)
                text.Line($"{method.Parameters[i].Codec}.Write(ref writer, _a{i});");
        }

        text.Close();
        text.Line().Open($"public override void ReadArguments(ref {Reader} reader)");
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            if (!method.Parameters[i].IsToken)
                text.Line($"_a{i} = {method.Parameters[i].Codec}.Read(ref reader);");
        }

        text.Close();
        if (method.Result is not { } result)
            return;
        text.Line().Line($"protected override void WriteResult(ref {Writer} writer, {result.TypeName} result) => {result.Codec}.Write(ref writer, result);");
        text.Line().Line($"protected override {result.TypeName} ReadResult(ref {Reader} reader) => {result.Codec}.Read(ref reader);");
        if (!result.IsShared)
            text.Line().Line($"protected override {result.TypeName} CopyResult({result.TypeName} result) => {result.Codec}.Copy(result);");
    }

    private static string Declared(MethodModel method) =>
        string.Join(", ", method.Parameters.Select(static (parameter, i) => $"{parameter.TypeName} a{i}"));

    private static string Passed(MethodModel method) =>
        string.Join(", ", method.Parameters.Select(static (_, i) => $"a{i}"));

    // A request that runs already needs its arguments no more, but still the token, for its caller.
    private static string TokenOnly(MethodModel method) =>
        string.Join(", ", method.Parameters.Select(static (parameter, i) => parameter.IsToken ? $"a{i}" : "default"));
}
