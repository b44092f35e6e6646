using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>Bob, who is served, his rules, and a clock.</summary>
internal sealed class Serving
{
    public static readonly AggregateId id = AggregateId.Of(AggregateKind.ServedUser, "abc");

    public static readonly ParticipatingPolicy participating = new()
    {
        Domains = ["example.com"],
        Sources = [RegistrationSource.Registrar, RegistrationSource.ThirdParty],
    };

    public const string Phone = "sip:bob@192.0.2.20:5060";

    private int _cseq;

    public ServedUser? State { get; private set; }

    public DateTimeOffset Now { get; set; } = start;

    public ParticipatingPolicy Participating { get; set; } = participating;

    /// <summary>What is kept for bob while he is away.</summary>
    public DeferredPolicy Deferred { get; set; } = DeferredPolicy.Off;

    /// <summary>Null: they cannot be read.</summary>
    public ResolvedUser? AccessRules { get; set; } = RulesOf("", "");

    public int OfNode { get; set; }

    public int AbsentOfNode { get; set; }

    /// <summary>Who hides behind a request of ours.</summary>
    public SipUri? Hidden { get; set; }

    /// <summary>Bob is away, and what is said to him is kept.</summary>
    public static Serving Away() => new() { Deferred = Pushing.deferred };

    /// <summary>Bob has registered for an hour.</summary>
    public static Serving Registered()
    {
        var serving = new Serving();
        serving.Registers(Phone, 3600);
        return serving;
    }

    /// <summary>Bob's rules, with these entries in his block list.</summary>
    public static ResolvedUser RulesOf(string rules, params string[] blocked) => Rules.Documents.Resolve(
        bob.Text,
        Rules.Documents.RulesOf(rules),
        new()
        {
            [Rules.Documents.IndexOf(bob.Text)] = Rules.Documents.Lists(
                $"<list name='{ResolvedUser.BlockList}'>"
                + string.Concat(blocked.Where(each => each.Length > 0).Select(each => $"<entry uri='{each}'/>"))
                + "</list>"),
        });

    public static string Invites(string handling, string conditions = "") => Rules.Documents.Rule(
        handling, conditions, $"<poc:allow-invite>{handling}</poc:allow-invite>");

    public Outcome<ServedUser> Happens(AggregateEvent happened)
    {
        var facts = NoFacts with
        {
            Now = Now,
            Operator = policy with
            {
                Participating = Participating,
                Deferred = Deferred,
                Domains = ["im.example.com", "groups.example.com"],
            },
            Served = new()
            {
                Hidden = Hidden,
                Rules = AccessRules,
                RulesProblem = AccessRules is null ? "Rules of the user are not available" : "",
                OfNode = OfNode,
                AbsentOfNode = AbsentOfNode,
            },
        };
        var outcome = ServedUserMachine.Apply(State, id, happened, facts);
        State = outcome.Next;
        return outcome;
    }

    public Outcome<ServedUser> Arrives(ImRequest request) => Happens(new RequestArrived(request));

    public Effect Answers(ImRequest request) => Assert.Single(Arrives(request).Effects);

    public Outcome<ServedUser> Registers(
        string contact, int seconds, string tags = FeatureTags.Im, string call = "register", int? cseq = null,
        RegistrationSource source = RegistrationSource.Registrar) =>
        Happens(new RegistrationChanged(bob, new(
            source, [new(contact, [.. Words(tags)], seconds)], call, cseq ?? ++_cseq)));

    public Outcome<ServedUser> Sets(bool isActive = true, bool isVisible = true) =>
        Happens(new ServiceSettingsChanged(bob, new() { IsActive = isActive, IsVisible = isVisible }));

    public Outcome<ServedUser> Elapses(TimeSpan time)
    {
        Now += time;
        return Happens(new TimeElapsed());
    }

    /// <summary>A request for bob.</summary>
    public static PassingRequest To(string method = "INVITE", SipUri? from = null) =>
        new(Head(method, from ?? carol, bob) with { Contact = ContactOf(from ?? carol) })
        {
            Half = SessionCase.Terminating,
        };

    /// <summary>A request of bob.</summary>
    public static PassingRequest From(string method = "INVITE", SipUri? to = null) =>
        new(Head(method, bob, to ?? carol) with { Contact = ContactOf(bob) }) { Half = SessionCase.Originating };

    private static ImmutableArray<string> Words(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
}
