using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;

namespace ImSidecar.Server.Stores.Format;

/// <summary>What JSON has to know of Core's types, kept here so that Core needs no attributes.</summary>
internal static class StoredTypes
{
    /// <summary>The stored name of each effect; a name, once released, stays.</summary>
    public static readonly FrozenDictionary<Type, string> Effects = new Dictionary<Type, string>
    {
        [typeof(Respond)] = "respond",
        [typeof(SendRequest)] = "send-request",
        [typeof(SendMessage)] = "send-message",
        [typeof(SendNotify)] = "send-notify",
        [typeof(SendAck)] = "send-ack",
        [typeof(SendCancel)] = "send-cancel",
        [typeof(OpenLeg)] = "open-leg",
        [typeof(AnswerNickname)] = "answer-nickname",
        [typeof(CloseLeg)] = "close-leg",
    }.ToFrozenDictionary();

    /// <summary>Gone with the transaction that they pass on: there is nothing to be done again.</summary>
    public static readonly FrozenSet<Type> Unstored =
    [
        typeof(PassOn), typeof(HandOver),
        // Whoever waits for these looks again when the node has started.
        typeof(Tell), typeof(Defer), typeof(Deliver), typeof(RemoveDeferred), typeof(ForgetNotice),
    ];

    // These have rows of their own.
    private static readonly FrozenSet<string> _partsOfConference = FrozenSet.ToFrozenSet(
        [
            nameof(Conference.Participants), nameof(Conference.Subscriptions), nameof(Conference.Departures),
            nameof(Conference.Guests),
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> _partsOfMessage = FrozenSet.ToFrozenSet(
        [nameof(PageMessage.Recipients), nameof(PageMessage.Content)], StringComparer.OrdinalIgnoreCase);

    public static IJsonTypeInfoResolver Resolver { get; } =
        new DefaultJsonTypeInfoResolver { Modifiers = { NameEffects, LeaveOutParts } };

    // The terms of a SUBSCRIBE: what Subscription.HasTermsOf compares.
    private static readonly FrozenSet<string> _terms = FrozenSet.ToFrozenSet(
        [
            nameof(Subscription.Id), nameof(Subscription.Dialog), nameof(Subscription.Subscriber),
            nameof(Subscription.LocalAddress), nameof(Subscription.RemoteAddress), nameof(Subscription.RemoteTarget),
            nameof(Subscription.RouteSet), nameof(Subscription.EventId),
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Of a subscription only what comes of it.</summary>
    public static IJsonTypeInfoResolver ProgressResolver { get; } =
        new DefaultJsonTypeInfoResolver { Modifiers = { type => LeaveOut(type, typeof(Subscription), _terms) } };

    private static void NameEffects(JsonTypeInfo type)
    {
        if (type.Type != typeof(Effect))
            return;

        type.PolymorphismOptions = new() { TypeDiscriminatorPropertyName = "effect" };
        foreach (var (effect, name) in Effects)
            type.PolymorphismOptions.DerivedTypes.Add(new(effect, name));
    }

    private static void LeaveOutParts(JsonTypeInfo type)
    {
        LeaveOut(type, typeof(Conference), _partsOfConference);
        LeaveOut(type, typeof(PageMessage), _partsOfMessage);
    }

    private static void LeaveOut(JsonTypeInfo type, Type owner, FrozenSet<string> names)
    {
        if (type.Type != owner)
            return;

        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (names.Contains(type.Properties[i].Name))
                type.Properties.RemoveAt(i);
        }
    }
}
