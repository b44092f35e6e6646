using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Hosting;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>A session of alice and bob, to which carol is invited, on a node of a test.</summary>
internal static class SessionScene
{
    public static async Task<string> BeginAsync(
        ScriptedLink node, string transaction = "t1", Action<Request>? change = null)
    {
        var happened = ScriptedLink.GroupInvite(transaction);
        change?.Invoke(happened.Request);
        await node.SendAsync(happened);
        var invites = new List<Originate>();
        while (invites.Count < 2)
            invites.Add((await node.NextAsync(Kind.Originate)).Originate);

        var bob = invites.Single(each => each.Uri == "sip:bob@example.com");
        await node.SendAsync(ScriptedLink.Accepts(bob, "bob"));
        await node.NextAsync(Kind.Ack);
        await node.NextAsync(Kind.Reply);
        await node.Router.DrainAsync(CancellationToken.None);
        _ = ActionKey.TryParse(bob.ActionKey, out var key);
        return key.Aggregate.Value;
    }

    /// <summary>Alice has heard our 200; without that no BYE goes to her.</summary>
    public static Task AcknowledgeAsync(ScriptedLink node, string transaction = "t1") =>
        node.SendAsync(new()
        {
            Acknowledged = new()
            {
                Transaction = transaction,
                Dialog = new() { CallId = "call-1", FromTag = "their-tag", ToTag = "our-tag" },
            },
        });

    /// <summary>Somebody who takes part watches the session.</summary>
    public static Task SubscribeAsync(ScriptedLink node, Conference conference)
    {
        var wire = SipEventReaderTests.Wire(
            "SUBSCRIBE", ("Event", "conference"), ("Expires", "600"), ("Call-ID", "watch-1"),
            ("To", $"<{conference.SessionIdentity.Text}>"));
        (wire.Transaction, wire.Uri) = ("t-watch", conference.SessionIdentity.Text);
        return node.SendAsync(new() { Request = wire });
    }
}
