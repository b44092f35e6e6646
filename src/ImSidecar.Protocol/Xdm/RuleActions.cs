using System.Collections.Frozen;
using System.Collections.Immutable;

namespace ImSidecar.Protocol.Xdm;

/// <summary>What a rule says of each action; an action it does not name is left to other rules, RFC 4745 8.</summary>
public sealed record RuleActions
{
    private static readonly (string Namespace, string Name, RuleAction Action)[] _all =
    [
        (XdmNames.ListService, "allow-conference-state", RuleAction.AllowConferenceState),
        (XdmNames.ListService, "allow-invite-users-dynamically", RuleAction.AllowInviteUsersDynamically),
        (XdmNames.ListService, "join-handling", RuleAction.JoinHandling),
        (XdmNames.ListService, "allow-initiate-conference", RuleAction.AllowInitiateConference),
        (XdmNames.ListService, "allow-anonymity", RuleAction.AllowAnonymity),
        (XdmNames.ListService, "is-key-participant", RuleAction.IsKeyParticipant),
        (XdmNames.Extensions, "allow-expelling", RuleAction.AllowExpelling),
        (XdmNames.Extensions, "allow-subconf", RuleAction.AllowSubConf),
        (XdmNames.Extensions, "allow-private-message", RuleAction.AllowPrivateMessage),
        (XdmNames.Extensions, "allow-media-handling", RuleAction.AllowMediaHandling),
        (XdmNames.Extensions, "block-group-advertisement-sending", RuleAction.BlockGroupAdvertisementSending),
        (XdmNames.Extensions, "allow-auto-answermode", RuleAction.AllowAutoAnswermode),
        (XdmNames.Extensions, "allow-manual-answer-override", RuleAction.AllowManualAnswerOverride),
        (XdmNames.Extensions, "allow-offline-storage", RuleAction.AllowOfflineStorage),
        (XdmNames.Extensions, "allow-reject-invite", RuleAction.AllowRejectInvite),
        (XdmNames.Extensions21, "allow-defer", RuleAction.AllowDefer),
        (XdmNames.Extensions21, "allow-store", RuleAction.AllowStore),
        (XdmNames.Extensions21, "allow-push", RuleAction.AllowPush),
        (XdmNames.Extensions21, "allow-pull", RuleAction.AllowPull),
        (XdmNames.Extensions21, "allow-do-not-disturb", RuleAction.AllowDoNotDisturb),
        (XdmNames.Extensions21, "allow-forward", RuleAction.AllowForward),
        (XdmNames.Extensions21, "allow-interwork", RuleAction.AllowInterwork),
        (XdmNames.Extensions21, "allow-deliver-and-interwork", RuleAction.AllowDeliverAndInterwork),
        (XdmNames.Extensions21, "allow-deliver-reference-media", RuleAction.AllowDeliverReferenceMedia),
    ];

    private static readonly FrozenDictionary<(string, string), RuleAction> _byElement =
        _all.ToFrozenDictionary(each => (each.Namespace, each.Name), each => each.Action);

    private static readonly ImmutableArray<string> _names =
        [.. _all.OrderBy(each => each.Action).Select(each => each.Name)];

    private uint _named;
    private uint _granted;

    public InviteHandling? AllowInvite { get; init; }

    public MediaRemoval? RemoveMedia { get; init; }

    /// <summary>Where to forward, with <see cref="RuleAction.AllowForward"/>.</summary>
    public string? ForwardTo { get; init; }

    /// <summary>Names of actions that this release does not know.</summary>
    public ImmutableArray<string> Unknown { get; init; } = [];

    /// <summary>What the rule says: yes, no, or nothing.</summary>
    public bool? this[RuleAction action]
    {
        get => (_named & Bit(action)) == 0 ? null : (_granted & Bit(action)) != 0;
        init => Set(action, value == true);
    }

    /// <summary>The element of an action.</summary>
    public static string NameOf(RuleAction action) => _names[(int)action];

    public static bool TryFind(string xmlNamespace, string name, out RuleAction action) =>
        _byElement.TryGetValue((xmlNamespace, name), out action);

    /// <summary>The same rule which also says this; said twice, the greater one stays.</summary>
    internal RuleActions With(RuleAction action, bool value)
    {
        var copy = this with { };
        copy.Set(action, value || this[action] == true);
        return copy;
    }

    private void Set(RuleAction action, bool value)
    {
        _named |= Bit(action);
        _granted = value ? _granted | Bit(action) : _granted & ~Bit(action);
    }

    private static uint Bit(RuleAction action) => 1u << (int)action;
}
