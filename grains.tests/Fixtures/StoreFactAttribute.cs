using System.ComponentModel;
using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Grid.Tests.Fixtures;

/// <summary>
/// A test that runs on every kind of store: its class has a derived class for each kind. It is skipped, with the
/// reason, where the <see cref="StoreNeedAttribute"/> of the derived class is not met.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Grid.Tests.Fixtures.StoreFactDiscoverer", "Grid.Tests")]
public sealed class StoreFactAttribute : FactAttribute;

/// <summary>A requirement that a kind of store has on the machine.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class StoreNeedAttribute : Attribute
{
    /// <summary>What is missing and how to install it; null if the requirement is met.</summary>
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
