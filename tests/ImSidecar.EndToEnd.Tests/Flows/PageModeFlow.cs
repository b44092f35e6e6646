using ImSidecar.Client;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ResourceLists;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Flows of page mode.</summary>
public abstract class PageModeFlow(DemoProfile profile) : GroupFlow(profile)
{
    protected static MessageOptions List(params IReadOnlyList<Handset> recipients) => new()
    {
        Recipients = [.. recipients.Select(each => new ResourceListEntry(each.AddressOfRecord))],
    };

    /// <summary>A message to the list server with that list.</summary>
    protected static Task<SipMessage> SendAsync(Handset sender, string text, MessageOptions options) =>
        Within(sender.MessageAsync(DemoProfile.Factory, text, options));

    /// <summary>The next message that reaches the handset.</summary>
    protected static async Task<PageText> ReadAsync(Handset handset) => PageText.Of(await Next(handset.Messages));

    /// <summary>What it reads next comes from there: nothing came before it.</summary>
    protected static async Task AssertReadsNothingAsync(Handset handset, Handset from) =>
        Assert.Empty(await ReadUntilMarkAsync(handset, from));

    /// <summary>What came before a message that is sent to it now.</summary>
    protected static async Task<List<string>> ReadUntilMarkAsync(Handset handset, Handset from)
    {
        var mark = Guid.NewGuid().ToString("N");
        Assert.Equal(200, (await Within(from.MessageAsync(handset.AddressOfRecord, mark))).Status);
        List<string> read = [];
        while ((await ReadAsync(handset)).Text is var text && text != mark)
            read.Add(text);
        return read;
    }

    protected static void AssertRefused(SipMessage answer, int status, string warning) =>
        Assert.Equal((status, $"399 im.example.com \"{warning}\""), (answer.Status, answer["Warning"]));
}
