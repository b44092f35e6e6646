using ImSidecar.Client.Demo;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>The demo's ladder: arrows, and the reading of tshark's PDML.</summary>
public class LadderTests
{
    [Fact]
    public void An_arrow_crosses_the_life_lines_between_its_ends()
    {
        var ladder = new Ladder(["alice", "bob", "kamailio"]);

        var right = ladder.Arrow(TimeSpan.FromSeconds(1.5), "alice", "kamailio", "INVITE", "SDP");
        var left = ladder.Arrow(TimeSpan.Zero, "kamailio", "bob", "200 BYE", "");

        Assert.Equal("   1.500      │───────────── INVITE ─────────────▶│    SDP", right);
        Assert.Equal("   0.000      │                 │◀─── 200 BYE ────│", left);
    }

    [Fact]
    public void Two_messages_of_one_packet_are_two_arrows()
    {
        const string pdml = """
            <pdml><packet>
              <proto name="geninfo"><field name="timestamp" show="x" value="1795177298.5"/></proto>
              <proto name="tcp"><field name="tcp.srcport" show="5060"/><field name="tcp.dstport" show="40000"/></proto>
              <proto name="sip"><field name="sip.Status-Line"><field name="sip.Status-Code" show="407"/>
                <field name="sip.CSeq.method" show="INVITE"/><field name="sip.resend" show="1"/></field></proto>
              <proto name="sip"><field name="sip.Method" show="BYE"/><field name="_ws.malformed" show=""/></proto>
            </packet></pdml>
            """;

        var messages = PdmlReader.Read(new StringReader(pdml));

        Assert.Equal(["407 INVITE", "BYE"], messages.Select(message => message.Label));
        Assert.Equal((5060, 40000), (messages[0].SourcePort, messages[1].TargetPort));
        Assert.True(messages[0].IsAgain);
        Assert.Equal([false, true], messages.Select(message => message.IsMalformed));
        Assert.Equal("again digest challenge", Notes.Of(messages[0]));
    }
}
