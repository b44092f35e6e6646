using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Benchmarks.Xdm;

/// <summary>
/// The decisions on a pre-arranged group from its INVITE over the answers of all members to the release, for each member,
/// in a group of 1000 beside one of 100.
/// </summary>
internal static class SessionBench
{
    private const int Many = 1000;
    private const int Few = 100;

    // The tables of a larger session are deeper and colder; work that grows with its square is ten times as much.
    private const double MostRatio = 3;

    private static readonly OperatorPolicy _policy = new()
    {
        ConferenceFactory = Uri("sip:conf-factory@im.example.com"),
        Domains = ["im.example.com", "groups.example.com"],
        GroupDomain = "groups.example.com",
        MaxGroupParticipants = Many,
        ReleaseVersion = "IM-serv/OMA1.0",
        MsrpHost = "127.0.0.1",
        MsrpPort = 2855,
    };

    public static Task<bool> RunAsync(TimeSpan each)
    {
        var groups = new[] { Few, Many }.ToDictionary(size => size, size => GroupFacts.Of(Group(size)));
        var spent = groups.Keys.ToDictionary(size => size, _ => (Time: TimeSpan.Zero, Members: 0));
        RunOnce(Few, groups[Few]);
        while (spent.Values.Any(sum => sum.Time < each))
        {
            // As many members of either, in turn.
            foreach (var size in spent.Keys.ToList())
            {
                for (var round = 0; round < Many / size; round++)
                    spent[size] = (spent[size].Time + RunOnce(size, groups[size]), spent[size].Members + size);
            }
        }

        foreach (var (size, (time, members)) in spent)
            Console.WriteLine($"session of {size,4}: {time.TotalMicroseconds / members,8:0.0} µs for each member");
        var ratio = spent[Many].Time / spent[Many].Members / (spent[Few].Time / spent[Few].Members);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Many} to {Few}: {ratio:0.00}"));
        if (ratio > MostRatio)
            Console.WriteLine("session: work grows with the square of the members");
        return Task.FromResult(ratio <= MostRatio);
    }

    private static TimeSpan RunOnce(int size, GroupFacts group)
    {
        var run = new SessionRun(_policy, group);
        var watch = Stopwatch.StartNew();
        run.Play();
        return run.IsReleased ? watch.Elapsed : throw new InvalidOperationException($"A session of {size} did not end");
    }

    private static ResolvedGroup Group(int size) => BenchGroup.Resolve(BenchGroup.PreArranged(size));

    private static SipUri Uri(string text) => SipUri.TryParse(text, out var uri) ? uri : throw new FormatException(text);
}
