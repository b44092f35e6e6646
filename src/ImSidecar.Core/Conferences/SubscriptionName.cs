using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>Something by which an event names a subscription.</summary>
internal readonly record struct SubscriptionName(string CallId, string RemoteTag, string Key)
{
    /// <summary>The peer's side of its dialog: a SUBSCRIBE that came twice has made it under another tag of ours.</summary>
    public static SubscriptionName Peer(string callId, string remoteTag) => new(callId, remoteTag, "");

    /// <summary>Both keys of an address: one of them is enough to be the same user.</summary>
    public static IEnumerable<SubscriptionName> User(SipUri address) =>
        address.AddressKey == address.PersonKey
            ? [new("", "", address.PersonKey)]
            : [new("", "", address.PersonKey), new("", "", address.AddressKey)];

    public static IEnumerable<SubscriptionName> Of(Subscription subscription) =>
        User(subscription.Subscriber).Prepend(Peer(subscription.Dialog.CallId, subscription.Dialog.RemoteTag));

    public static bool AreSame(Subscription before, Subscription after) =>
        before.Dialog == after.Dialog && before.Subscriber.Equals(after.Subscriber);
}
