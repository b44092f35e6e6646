using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// Which subscription to documents a request is for: named by its Request-URI, which is our Contact, or for a SUBSCRIBE
/// outside a dialog derived from the dialog it makes, so that the same one sent again finds it.
/// </summary>
internal sealed class DocumentIds(NodeSecret secret, OperatorPolicy policy)
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int Length = 26;
    private static readonly SearchValues<char> _characters = SearchValues.Create(Alphabet);

    public AggregateId? Of(ImRequest request)
    {
        if (TryRead(request.Uri, out var id))
            return id;

        return request is SubscribeRequest { IsInitial: true } subscribe && XcapDiffPackage.IsAskedFor(subscribe)
            ? Of(request.Dialog)
            : null;
    }

    /// <summary>Our own subscription at that address.</summary>
    public AggregateId OfWatch(SipUri notifier) =>
        AggregateId.Of(AggregateKind.DocumentWatch, Name("watch\n" + notifier.Text));

    private bool TryRead(SipUri uri, out AggregateId id)
    {
        id = new(uri.User);
        return id.Kind != AggregateKind.Conference
            && uri.Host.Equals(policy.ConferenceFactory.Host, StringComparison.OrdinalIgnoreCase)
            && uri.User.Length == AggregateId.Of(id.Kind, "").Value.Length + Length
            && !uri.User.AsSpan(uri.User.Length - Length).ContainsAnyExcept(_characters);
    }

    private AggregateId Of(DialogId dialog) => AggregateId.Of(
        AggregateKind.DocumentSubscription, Name($"documents\n{dialog.CallId}\n{dialog.RemoteTag}\n{dialog.LocalTag}"));

    private string Name(string text)
    {
        var hash = HMACSHA256.HashData(secret.Value.Span, Encoding.UTF8.GetBytes(text));
        return string.Create(Length, hash, static (name, bytes) =>
        {
            for (var i = 0; i < name.Length; i++)
                name[i] = Alphabet[bytes[i] & 31];
        });
    }
}
