using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Tests;

/// <summary>Who may reference whom, and what keeps the rules pure.</summary>
public partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> projectReferences = new()
    {
        ["Protocol"] = [],
        ["Core"] = ["Protocol"],
        ["Digest"] = ["Protocol"],
        ["Tls"] = ["Digest"],
        ["Msrp"] = ["Digest", "Protocol", "Tls"],
        ["Grpc"] = [],
        ["Cli"] = [],
        ["Server"] = ["Core", "Digest", "Grpc", "Msrp", "Protocol", "Tls"],
    };

    private static readonly Dictionary<string, string[]> folderReferences = new()
    {
        ["Rules"] = [],
        ["Deferred"] = [],
        ["Conferences"] = ["Deferred", "Rules"],
        ["Documents"] = ["Conferences", "Notifications", "Policies"],
        ["Messages"] = ["Conferences", "Controlling", "Deferred", "Identity", "Policies", "Rules"],
        ["Identity"] = ["Conferences"],
        ["Notifications"] = ["Conferences", "Identity", "Rules"],
        ["Policies"] = ["Conferences", "Rules"],
        ["Controlling"] = ["Conferences", "Identity", "Notifications", "Policies", "Rules"],
        ["Participating"] =
            [
                "Conferences", "Controlling", "Deferred", "Identity", "Messages", "Notifications", "Policies", "Rules",
            ],
    };

    public static TheoryData<string> Projects => [.. projectReferences.Keys];

    public static TheoryData<string> CoreSources => [.. Repository.Sources("src/ImSidecar.Core")];

    public static TheoryData<Type> ClosedHierarchies =>
        [typeof(Effect), typeof(AggregateEvent), typeof(ImRequest), typeof(RuleCondition), typeof(ListItem)];

    [Theory, MemberData(nameof(Projects))]
    public void A_project_references_what_it_may_and_no_more(string project)
    {
        var file = XDocument.Parse(Repository.Read($"src/ImSidecar.{project}/ImSidecar.{project}.csproj"));
        var references = file.Descendants("ProjectReference")
            .Select(each => Path.GetFileNameWithoutExtension(each.Attribute("Include")!.Value))
            .Select(name => name.Replace("ImSidecar.", "", StringComparison.Ordinal));

        Assert.All(references, reference => Assert.Contains(reference, projectReferences[project]));
    }

    [Theory, InlineData("Protocol"), InlineData("Core")]
    public void The_pure_projects_take_no_package_and_no_framework(string project)
    {
        var file = XDocument.Parse(Repository.Read($"src/ImSidecar.{project}/ImSidecar.{project}.csproj"));

        Assert.Equal("Microsoft.NET.Sdk", file.Root!.Attribute("Sdk")!.Value);
        Assert.Empty(file.Descendants("PackageReference"));
        Assert.Empty(file.Descendants("FrameworkReference"));
    }

    [Fact]
    public void The_assembly_of_the_rules_knows_the_platform_and_the_protocol_only()
    {
        var references = typeof(Conference).Assembly.GetReferencedAssemblies().Select(each => each.Name!);

        Assert.All(references, name => Assert.Matches("^(System\\.[A-Za-z.]+|ImSidecar\\.Protocol)$", name));
    }

    [Theory, MemberData(nameof(CoreSources))]
    public void The_rules_have_no_clock_no_chance_no_waiting_and_no_log(string source) =>
        Assert.DoesNotMatch(Impure(), Repository.Code(source));

    [Theory, MemberData(nameof(CoreSources))]
    public void Folders_point_one_way(string source)
    {
        var folder = source.Split('/')[2];
        var referenced = FolderNames().Matches(Repository.Code(source)).Select(match => match.Groups["folder"].Value);

        // The dispatcher is the one file that names procedures.
        if (!source.EndsWith("/ConferenceMachine.cs", StringComparison.Ordinal))
            Assert.All(referenced, name => Assert.Contains(name, folderReferences[folder].Append(folder)));
        Assert.Contains($"namespace ImSidecar.Core.{folder};", Repository.Read(source), StringComparison.Ordinal);
        Assert.DoesNotContain("global using", Repository.Code(source), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(ClosedHierarchies))]
    public void A_closed_hierarchy_is_closed_and_stands_in_one_file(Type hierarchy)
    {
        var constructors =
            hierarchy.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        Assert.True(hierarchy.IsAbstract);
        // A record's copy constructor is protected by the compiler; every other one is private protected.
        Assert.All(constructors, constructor => Assert.True(
            constructor.IsFamilyAndAssembly
            || constructor.GetParameters() is [var only] && only.ParameterType == hierarchy));
        Assert.NotEmpty(Cases.Of(hierarchy));
        Assert.All(Cases.Of(hierarchy), type => Assert.True(type.IsSealed, type.Name));

        var file =
            Repository.Read(Repository.Sources("src").Single(path => Path.GetFileName(path) == hierarchy.Name + ".cs"));
        Assert.All(Cases.Of(hierarchy), type => Assert.Contains($"record {type.Name}", file, StringComparison.Ordinal));
    }

    [GeneratedRegex(
        @"\b(UtcNow|DateTime\.Now|DateTimeOffset\.Now|Stopwatch|Guid\.NewGuid|Random\w*"
        + @"|async|await|Task|Thread|ILogger|Environment|Console)\b")]
    private static partial Regex Impure();

    [GeneratedRegex(@"\b(?<folder>Conferences|Controlling|Deferred|Identity|Messages|Notifications|Participating|Policies|Rules)[.;]")]
    private static partial Regex FolderNames();
}
