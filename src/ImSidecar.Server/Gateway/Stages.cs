using System.Collections.Immutable;
using Google.Protobuf;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Server.Gateway;

/// <summary>
/// What a node has decided on a request that another one goes on with, as it is written into a Redirect: whose half is
/// next, that a conference is, or that it is kept for its receiver.
/// </summary>
internal static class Stages
{
    private const string Conference = "conference";
    private const string Terminating = "terminating";
    private const string Deposit = "deposit";

    /// <summary>Empty for a request that nobody has decided on.</summary>
    public static ByteString Of(ImRequest request, bool isDecidedOn) => ByteString.CopyFromUtf8(request switch
    {
        _ when !isDecidedOn => "",
        PassingRequest => Terminating,
        DepositRequest deposit => string.Join(
            '\n',
            [Deposit, deposit.Recipient.Text, deposit.IsAnonymous ? "anonymous" : "", .. deposit.Callers.Select(uri => uri.Text)]),
        _ => Conference,
    });

    /// <summary>It goes to a conference of ours: it is read like any other, and nobody's half is asked first.</summary>
    public static bool IsConference(ByteString stage) => stage.Equals(ByteString.CopyFromUtf8(Conference));

    /// <summary>The request as it goes on here; null: the stage is none that this release knows.</summary>
    public static ImRequest? Read(ByteString stage, RequestHead head, ReadOnlyMemory<byte> body) =>
        stage.ToStringUtf8().Split('\n') switch
        {
            [Terminating] => new PassingRequest(head) { Half = SessionCase.Terminating, Body = body },
            [Deposit, var recipient, var anonymous, .. var callers] when SipUri.TryParse(recipient, out var uri) =>
                new DepositRequest(head)
                {
                    Recipient = uri,
                    IsAnonymous = anonymous.Length > 0,
                    Callers = [.. callers.Select(Parsed).OfType<SipUri>()],
                    Body = body,
                },
            _ => null,
        };

    private static SipUri? Parsed(string text) => SipUri.TryParse(text, out var uri) ? uri : null;
}
