using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestFramework(typeof(ImSidecar.EndToEnd.Tests.Harness.SameOrder))]

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>
/// Flows run in the same order on every machine: xunit orders them by ids that it makes from the folder of the checkout.
/// </summary>
public sealed class SameOrder : XunitTestFramework
{
    protected override ITestFrameworkDiscoverer CreateDiscoverer(Assembly assembly) =>
        new XunitTestFrameworkDiscoverer(Known(assembly));

    protected override ITestFrameworkExecutor CreateExecutor(Assembly assembly) =>
        new XunitTestFrameworkExecutor(Known(assembly));

    private static XunitTestAssembly Known(Assembly assembly) =>
        new(assembly, configFileName: null, assembly.GetName().Version, uniqueID: assembly.GetName().Name);
}
