using System.Text;

namespace ImSidecar.Msrp.Tests;

/// <summary>Whatever one connection writes, the others go on.</summary>
public class HostileInputTests
{
    [Fact]
    public async Task Damaged_traffic_harms_only_the_connection_it_came_by()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var random = new Random(4975);
        var template = Encoding.ASCII.GetBytes(
            $"MSRP t1aa SEND\r\nTo-Path: {SwitchWorld.OurUri("mallory")}\r\n"
            + $"From-Path: {SwitchWorld.PeerUri("mallory")}\r\n"
            + "Message-ID: m9z8\r\nByte-Range: 1-*/*\r\nSuccess-Report: yes\r\nContent-Type: message/cpim\r\n\r\n"
            + "From: <sip:mallory@example.com>\r\nTo: <sip:g1@groups.example.com>\r\n\r\n"
            + "Content-Type: text/plain\r\n\r\nhello\r\n-------t1aa$\r\n");

        for (var round = 0; round < 300; round++)
        {
            world.Switch.OpenLeg(SwitchWorld.Leg("mallory", "b2"));
            var mallory = world.Connect("mallory");
            await mallory.WriteAsync(Damage(template, random));
            await mallory.CloseAsync();
        }

        await SwitchWorld.StillTalkAsync(peers[0], peers[1]);
    }

    [Theory]
    [InlineData("MSRP a SEND\r\nTo-Path: {0}\r\nFrom-Path: {1}\r\nMessage-ID: m\r\n-------a$$\r\n")]
    [InlineData("MSRP a SEND\r\n\r\n\r\n")]
    [InlineData("MSRP ")]
    [InlineData("\0\0\0\0")]
    public async Task A_broken_frame_ends_its_connection_or_waits_for_more(string text)
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var mallory = await world.JoinAsync("mallory", leg => leg with { BridgeId = "b2" });

        await mallory.WriteAsync(text.Replace("{0}", SwitchWorld.OurUri("mallory").ToString(), StringComparison.Ordinal)
            .Replace("{1}", mallory.Local.ToString(), StringComparison.Ordinal));
        await mallory.CloseAsync();

        Assert.IsType<MsrpLegLost>(await world.NextEventAsync());
        await SwitchWorld.StillTalkAsync(peers[0], peers[1]);
    }

    private static byte[] Damage(byte[] template, Random random)
    {
        var bytes = template.ToArray();
        for (var i = random.Next(1, 5); i > 0; i--)
            bytes[random.Next(bytes.Length)] = (byte)"\r\n-$+#:*/ 19az\0\xFF"[random.Next(16)];

        return bytes[..random.Next(bytes.Length / 2, bytes.Length)];
    }
}
