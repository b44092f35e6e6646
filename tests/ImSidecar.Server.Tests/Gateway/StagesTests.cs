using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Tests.Hosting;
using SessionCase = ImSidecar.Protocol.Sip.Requests.SessionCase;

namespace ImSidecar.Server.Tests.Gateway;

/// <summary>What one node decided on a request, another one goes on with.</summary>
public sealed class StagesTests
{
    private static readonly byte[] _body = [1, 2, 3];

    private static RequestHead Head => SipEventReader.ReadHead(ScriptedLink.GroupInvite().Request).Head!;

    [Fact]
    public void The_half_of_the_receiver_is_next()
    {
        var passing = new PassingRequest(Head) { Half = SessionCase.Terminating, Body = _body };

        Assert.Equal(passing, Read(passing));
    }

    [Fact]
    public void A_message_is_kept_for_its_receiver_from_those_who_called()
    {
        var deposit = new DepositRequest(Head)
        {
            Recipient = Uri("sip:bob@example.com"),
            Callers = [Uri("sip:alice@example.com"), Uri("tel:+12015550123")],
            IsAnonymous = true,
            Body = _body,
        };

        var read = Assert.IsType<DepositRequest>(Read(deposit));

        Assert.Equal(deposit.Callers, read.Callers);
        Assert.Equal(deposit with { Callers = read.Callers }, read);
        Assert.False(Assert.IsType<DepositRequest>(Read(deposit with { IsAnonymous = false })).IsAnonymous);
    }

    [Fact]
    public void A_conference_reads_the_request_as_it_came()
    {
        Assert.True(Stages.IsConference(Stages.Of(new ByeRequest(Head), isDecidedOn: true)));
        Assert.True(Stages.Of(new ByeRequest(Head), isDecidedOn: false).IsEmpty);
    }

    [Theory]
    [InlineData("of a later release")]
    [InlineData("deposit\nno uri\n")]
    public void What_is_not_understood_is_not_guessed(string stage)
    {
        Assert.Null(Stages.Read(Google.Protobuf.ByteString.CopyFromUtf8(stage), Head, _body));
    }

    private static ImRequest? Read(ImRequest request) => Stages.Read(Stages.Of(request, isDecidedOn: true), request.Head, _body);

    private static SipUri Uri(string text) => SipUri.TryParse(text, out var uri) ? uri : throw new FormatException(text);
}
