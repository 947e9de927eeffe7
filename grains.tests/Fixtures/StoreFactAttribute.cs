using System.ComponentModel;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Grid.Tests.Fixtures;

/// <summary>
/// A test of a class from which one derives for each kind of store. In the collection of the PostgreSQL server it is skipped,
/// and says so, where there is no server to start.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Grid.Tests.Fixtures.StoreFactDiscoverer", "Grid.Tests")]
public sealed class StoreFactAttribute : FactAttribute;

/// <summary>The same as <see cref="StoreFactAttribute"/> with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Grid.Tests.Fixtures.StoreTheoryDiscoverer", "Grid.Tests")]
public sealed class StoreTheoryAttribute : TheoryAttribute;

public sealed class StoreFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo attribute) => new StoreTestCase(
        DiagnosticMessageSink, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method);
}

public sealed class StoreTheoryDiscoverer(IMessageSink messages) : TheoryDiscoverer(messages)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(
        ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo attribute, object[] row) =>
        [new StoreTestCase(
            DiagnosticMessageSink, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, row)];
}

public sealed class StoreTestCase : XunitTestCase
{
    [EditorBrowsable(EditorBrowsableState.Never), Obsolete("For the deserializer.")]
    public StoreTestCase()
    {
    }

    public StoreTestCase(
        IMessageSink messages, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method, object[]? row = null)
        : base(messages, display, options, method, row)
    {
    }

    protected override string GetSkipReason(IAttributeInfo factAttribute)
    {
        var needsServer = TestMethod.TestClass.Class.GetCustomAttributes(typeof(CollectionAttribute))
            .Any(static collection => collection.GetConstructorArguments().Contains(PostgresCollection.Name));
        return needsServer && PostgresServer.Binaries is null
            ? PostgresFactAttribute.Reason
            : base.GetSkipReason(factAttribute);
    }
}
