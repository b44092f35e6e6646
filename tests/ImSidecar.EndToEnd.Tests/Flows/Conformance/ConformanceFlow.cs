using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Conformance;

/// <summary>The good course of the sections of IM 7.2.1 on the wire, step by step.</summary>
public abstract class ConformanceFlow(DemoProfile profile) : GroupFlow(profile)
{
    /// <summary>IM 7.2.1.1, whoever is answered.</summary>
    protected static void AssertAnswer(Call call, string assertedIdentity)
    {
        var answer = call.Answer;
        Assert.Equal(200, answer.Status);
        Assert.Equal(call.Invite.CSeq, answer.CSeq);
        Assert.All(["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REFER", "SUBSCRIBE", "UPDATE"],
            method => Assert.True(answer.Lists("Allow", method), method));
        Assert.EndsWith(";refresher=uac", answer["Session-Expires"], StringComparison.Ordinal);
        Assert.True(answer.Lists("Require", "timer"));
        Assert.Equal($"<{assertedIdentity}>", answer["P-Asserted-Identity"]);
        Assert.Equal($"<{call.SessionIdentity}>;isfocus;+g.oma.sip-im", answer["Contact"]);
        Assert.StartsWith("IM-serv/OMA1.0", answer["Server"], StringComparison.Ordinal);
    }

    /// <summary>The stream of our answer: of the types that were offered those that who answered takes.</summary>
    protected static MsrpMedia AssertDescribes(Call call, params string[] wrapped)
    {
        Assert.Equal("application/sdp", call.Answer["Content-Type"]);
        return AssertStream(call.Answer, wrapped);
    }

    protected static MsrpMedia AssertStream(SipMessage message, params string[] wrapped)
    {
        Assert.True(SessionDescription.TryParse(message.SdpBody.Span, out var description));
        Assert.True(description.TryFindMsrp(out _, out var media));
        Assert.Equal(["message/cpim"], media.AcceptTypes);
        Assert.Equal(wrapped, media.AcceptWrappedTypes);
        Assert.Single(media.Path);
        Assert.NotNull(media.Setup);
        Assert.NotNull(media.ChatRoom);
        return media;
    }

    /// <summary>What an INVITE's sender may say and what he takes, with a name of his own.</summary>
    protected static InviteOptions Offering(string name, Handset caller, params string[] wrapped) => new()
    {
        Headers =
        [
            ("From", $"\"{name}\" <{caller.AddressOfRecord}>;tag={Guid.NewGuid():N}"),
            ("Allow", "INVITE, ACK, BYE, CANCEL, REFER, UPDATE"),
        ],
        Msrp = new() { AcceptWrappedTypes = wrapped },
    };

    /// <summary>His Allow is remembered: it names no NOTIFY, so a REFER of his subscribes to nothing.</summary>
    protected static async Task AssertAllowIsKeptAsync(Call call)
    {
        var answer = await Within(call.ReferAsync($"<{call.SessionIdentity};method=BYE>"));
        Assert.Equal((202, "false"), (answer.Status, answer["Refer-Sub"]));
        await Within(call.Ended);
        Assert.DoesNotContain(Read(call.Requests), request => request.Method == "NOTIFY");
    }

    /// <summary>What one says reaches the other: the switch knows both legs.</summary>
    protected static async Task AssertHearsAsync(Group group, Handset speaker, Handset listener)
    {
        Assert.Equal(200, await group.SayAsync(speaker, "do you hear me"));
        Assert.Equal("do you hear me", (await group.HearAsync(listener)).Text);
    }
}
