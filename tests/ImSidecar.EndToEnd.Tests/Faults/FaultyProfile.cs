using System.Globalization;
using System.Net;
using System.Text.Json;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Faults;

/// <summary>The demo profile over a faulty disk, with limits that a small machine reaches.</summary>
public sealed class FaultyProfile : DemoProfile
{
    internal const int MaxNewRequests = 100;
    internal const int MaxRequests = 400;

    public FaultyProfile()
        : this(new FaultyDisk())
    {
    }

    private FaultyProfile(FaultyDisk disk)
        : base(new()
        {
            Sidecar =
            [
                string.Create(CultureInfo.InvariantCulture, $"--Overload:MaxNewRequests={MaxNewRequests}"),
                string.Create(CultureInfo.InvariantCulture, $"--Overload:MaxRequests={MaxRequests}"),
                "--Overload:MaxDelay=00:00:01", "--Gateway:RetryAfter=00:00:03",
            ],
            Environment = disk.Environment,
            ExpectedFailures = ["The store (Store:Path) cannot be written"],
            Captures = false,
        }) => Disk = disk;

    internal FaultyDisk Disk { get; }

    /// <summary>What /health/ready says, whatever its status.</summary>
    internal async Task<(HttpStatusCode Status, JsonElement Health)> HealthAsync()
    {
        using var response = await Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonDocument.Parse(text).RootElement);
    }

    private protected override ValueTask AfterAsync()
    {
        Disk.Dispose();
        return base.AfterAsync();
    }
}

/// <summary>They run alone: everything on the machine is theirs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultyProfileUsers : ICollectionFixture<FaultyProfile>
{
    public const string Name = "faulty profile";
}
