using System.Net;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>Two IMS domains on loopback, A and X, each with a core of its own and an IM server behind it.</summary>
public sealed class TwoDomainsProfile : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-domains.").FullName;
    private readonly List<OwnedProcess> _cores = [];
    private Capture? _capture;

    /// <summary>Where the clients A are at home.</summary>
    internal ImsDomain A { get; } = new("a.example.net", Core: 5101, ImServer: 5111, Http: 8086, Msrp: 2866);

    /// <summary>Whose IM server has the group.</summary>
    internal ImsDomain X { get; } = new("x.example.net", Core: 5201, ImServer: 5211, Http: 8087, Msrp: 2867);

    internal bool KeepsTraces { get; set; } = Environment.GetEnvironmentVariable("IMSIDECAR_KEEP") is { Length: > 0 };

    public async ValueTask InitializeAsync()
    {
        _capture = await Capture.StartAsync(_folder, "udp portrange 5101-5211 or port 2855");
        foreach (var (domain, other) in ((ImsDomain, ImsDomain)[])[(A, X), (X, A)])
        {
            _cores.Add(OwnedProcess.Start(
                "core-" + domain.Name, _folder, "kamailio", "-DD", "-E", "-m", "32", "-M", "8",
                "-Y", Made("core", domain),
                "-A", $"MY_PORT={domain.Core}", "-A", $"IM_PORT={domain.ImServer}", "-A", $"OTHER_PORT={other.Core}",
                "-A", $"DOMAIN=\"{domain.Name}\"", "-A", $"OTHER_DOMAIN=\"{other.Name}\"", "-f", CoreConfiguration));
            domain.Start(Made("im", domain));
        }

        await Task.WhenAll(A.WaitUntilReadyAsync(), X.WaitUntilReadyAsync());
        foreach (var core in _cores)
            core.ThrowIfExited();
    }

    /// <summary>What went over the wire in that dialog or exchange, in order.</summary>
    internal async Task<List<Arrow>> ArrowsAsync(string callId)
    {
        await _capture!.FlushAsync();
        return await Arrow.ReadAsync(_capture.File, callId);
    }

    /// <summary>Throws if a program has ended or complained.</summary>
    internal void ThrowIfFaulty()
    {
        var programs = _cores.Concat(A.Programs).Concat(X.Programs).ToList();
        foreach (var program in programs)
            program.ThrowIfExited();
        Assert.Empty(programs.SelectMany(program => program.Failures()));
    }

    public async ValueTask DisposeAsync()
    {
        await A.DisposeAsync();
        await X.DisposeAsync();
        foreach (var core in _cores)
        {
            // A Kamailio that is told to end may wait a minute for a lock of its own; of ours there is nothing in this one.
            await core.KillAsync();
            await core.DisposeAsync();
        }

        if (_capture is not null)
            await _capture.DisposeAsync();
        if (KeepsTraces)
            Console.WriteLine($"logs and capture of the two domains are in {_folder}");
        else
            Directory.Delete(_folder, recursive: true);
    }

    private static string CoreConfiguration =>
        Path.Combine(Built.Root, "tests", "ImSidecar.EndToEnd.Tests", "Ims", "ims-core.cfg");

    private string Made(string what, ImsDomain domain) =>
        Directory.CreateDirectory(Path.Combine(_folder, $"{what}-{domain.Name}")).FullName;
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TwoDomainsProfileUsers : ICollectionFixture<TwoDomainsProfile>
{
    public const string Name = "two IMS domains";
}
