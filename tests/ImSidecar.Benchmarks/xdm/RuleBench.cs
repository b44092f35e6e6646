using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Xml;
using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;

namespace ImSidecar.Benchmarks.Xdm;

/// <summary>
/// Verdicts per second for a group of 10 000 members with 50 rules, beside the same group with 10 members and beside
/// what cannot be done without: a look-up of the requester in the set of members.
/// </summary>
internal static class RuleBench
{
    private const int Many = 10_000;
    private const int Few = 10;

    // Noise of the machine and cache misses stay above it; work that grows with the members does not.
    private const double LeastRatio = 0.4;

    private static readonly GroupAction[] _actions =
    [
        GroupAction.JoinHandling, GroupAction.AllowInitiateConference, GroupAction.AllowConferenceState,
        GroupAction.AllowInviteUsersDynamically,
    ];

    private static readonly RuleCircumstances _circumstances = new()
    {
        Now = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero),
        Media = ["message-session"],
    };

    public static Task<bool> RunAsync(TimeSpan each)
    {
        var large = BenchGroup.Document(Many);
        var small = BenchGroup.Document(Few);
        var people = BenchGroup.Requesters(Many);
        var members = BenchGroup.Resolve(large).AllMembers.Select(member => member.Address.AddressKey).ToFrozenSet();
        var keys = people.Select(person => person.Identities[0].AddressKey).ToArray();

        var many = Evaluation($"verdict, {Many} members, 50 rules", BenchGroup.Resolve(large), people);
        var few = Evaluation(
            $"verdict, {Few} members, 50 rules", BenchGroup.Resolve(small), BenchGroup.Requesters(Few));
        var lookUp = new Pace("look-up in a set of the members", i => members.Contains(keys[i % keys.Length]));
        Pace.Compare(each, many, few, lookUp);
        Write(many, lookUp);
        Write(few, lookUp);
        Write(lookUp, lookUp);
        var ratio = many.PerSecond / few.PerSecond;
        Console.WriteLine($"{Many} members to {Few}: {ratio:0.00}");

        var compile = new Pace($"document of {Many}: read and resolve", _ => BenchGroup.Resolve(large), batch: 1);
        var scan = new Pace($"document of {Many}: every node by XmlReader", _ => Scan(large), batch: 1);
        Pace.Compare(each, compile, scan);
        Console.WriteLine(
            $"{compile.Name}: {1000 / compile.PerSecond:0.0} ms, {scan.PerSecond / compile.PerSecond:0.0} times as long"
            + $" as {scan.Name}");
        if (ratio < LeastRatio)
            Console.WriteLine("rules: work grows with the members");
        return Task.FromResult(ratio >= LeastRatio && many.Done > 0);
    }

    private static Pace Evaluation(string name, ResolvedGroup group, ImmutableArray<Requester> people) => new(
        name,
        i => GroupRules.Decide(group, _actions[i % _actions.Length], people[i % people.Length], _circumstances));

    private static void Write(Pace pace, Pace yardstick) => Console.WriteLine(
        $"{pace.Name,-40} {pace.PerSecond,12:0}/s {pace.BytesEach,6:0} bytes"
        + $" {yardstick.PerSecond / pace.PerSecond,7:0.0} look-ups");

    private static void Scan(byte[] document)
    {
        using var reader = XmlReader.Create(new MemoryStream(document));
        while (reader.Read())
        {
        }
    }
}
