using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCaseOrderer(typeof(ImSidecar.EndToEnd.Tests.Harness.InOrderOfNames))]
[assembly: TestCollectionOrderer(typeof(ImSidecar.EndToEnd.Tests.Harness.InOrderOfNames))]

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>The same order on every machine: xunit's own depends on the folder of the checkout.</summary>
public sealed class InOrderOfNames : ITestCaseOrderer, ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase =>
        [
            .. testCases.OrderBy(each => each.TestClassName, StringComparer.Ordinal)
                .ThenBy(each => each.TestCaseDisplayName, StringComparer.Ordinal),
        ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(each => each.TestCollectionDisplayName, StringComparer.Ordinal)];
}
