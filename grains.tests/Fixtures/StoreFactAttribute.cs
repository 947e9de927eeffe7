using System.ComponentModel;
using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Grid.Tests.Fixtures;

/// <summary>
/// A test that holds for every kind of store: a class derives from its class for each kind. Where the derived class
/// has a <see cref="StoreNeedAttribute"/> that is not met, the test is skipped and says so.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Grid.Tests.Fixtures.StoreFactDiscoverer", "Grid.Tests")]
public sealed class StoreFactAttribute : FactAttribute;

/// <summary>What a kind of store needs of the machine.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class StoreNeedAttribute : Attribute
{
    /// <summary>What is missing here and how to get it; null where nothing is.</summary>
    public abstract string? Missing { get; }
}

/// <summary>The same as <see cref="StoreFactAttribute"/> with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Grid.Tests.Fixtures.StoreTheoryDiscoverer", "Grid.Tests")]
public sealed class StoreTheoryAttribute : TheoryAttribute;

public sealed class StoreFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions options,
        ITestMethod method,
        IAttributeInfo attribute
    ) =>
        new StoreTestCase(
            DiagnosticMessageSink,
            options.MethodDisplayOrDefault(),
            options.MethodDisplayOptionsOrDefault(),
            method
        );
}

public sealed class StoreTheoryDiscoverer(IMessageSink messages) : TheoryDiscoverer(messages)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(
        ITestFrameworkDiscoveryOptions options,
        ITestMethod method,
        IAttributeInfo attribute,
        object[] row
    ) =>
        [
            new StoreTestCase(
                DiagnosticMessageSink,
                options.MethodDisplayOrDefault(),
                options.MethodDisplayOptionsOrDefault(),
                method,
                row
            ),
        ];
}

public sealed class StoreTestCase : XunitTestCase
{
    [EditorBrowsable(EditorBrowsableState.Never), Obsolete("For the deserializer.")]
    public StoreTestCase() { }

    public StoreTestCase(
        IMessageSink messages,
        TestMethodDisplay display,
        TestMethodDisplayOptions options,
        ITestMethod method,
        object[]? row = null
    )
        : base(messages, display, options, method, row) { }

    protected override string GetSkipReason(IAttributeInfo factAttribute) =>
        TestMethod.TestClass.Class.ToRuntimeType().GetCustomAttribute<StoreNeedAttribute>()?.Missing
        ?? base.GetSkipReason(factAttribute);
}
