using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Tests.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>However what one writes is cut on its way, right or spoiled, those who hear it get the same.</summary>
public class SplitFuzzTests
{
    // Each piece is read before the next one is written.
    private static readonly PipeOptions _pieceByPiece = new(pauseWriterThreshold: 1, resumeWriterThreshold: 1);

    private static readonly MsrpOptions _options = new() { MaxCpimHeaderBytes = 512, MaxOpenMessages = 2 };

    private static readonly Gen<Case> _cases =
        from frames in Gen.ListOf(MsrpGen.Frames)
        from size in Gen.Elements(0, 0, 0, 0, 70_000, 200_000)
        from edits in MsrpGen.Edits
        from cuts in MsrpGen.Cuts
        from isGroup in Gen.Elements(true, true, false)
        from type in Gen.Elements("message/cpim", "message/cpim", "text/plain")
        select new Case(Bytes(string.Concat(frames), size, edits), cuts, isGroup, type);

    [Fact]
    public void Those_who_hear_it_get_the_same_however_it_is_cut() => Prop
        .ForAll(_cases.ToArbitrary(), each => PlayAsync(each).GetAwaiter().GetResult())
        .Check(cases: 150, perMinute: 15_000);

    private static async Task PlayAsync(Case each)
    {
        var whole = await HearAsync(each, []);
        Assert.Equal(whole, await HearAsync(each, each.Cuts is [] ? [each.Stream.Length / 2] : each.Cuts));
    }

    // Everything that anybody reads, one text for each connection.
    private static async Task<List<string>> HearAsync(Case each, int[] cuts)
    {
        using var world = new SwitchWorld(_options);
        var hearers = new List<Peer> { await world.JoinAsync("bob", InRoom) };
        if (each.IsGroup)
        {
            hearers.Add(await world.JoinAsync("carol", leg => InRoom(leg) with { AcceptTypes = ["text/plain", "a/b"] }));
            hearers.Add(await world.JoinAsync("dave", leg => InRoom(leg) with { MaxSize = 300 }));
        }

        world.Switch.OpenLeg(Sender(each.Type));
        var mallory = world.Connect("mallory", incoming: _pieceByPiece);
        await SwitchWorld.BindAsync(mallory);
        var heard = hearers.Select(HearToTheEndAsync).ToList();
        var answers = AnswersAsync(mallory);
        await WriteAsync(mallory, each.Stream, cuts);
        await mallory.EndAsync();
        await UntilLostAsync(world);

        var again = world.Connect("mallory");
        await SwitchWorld.BindAsync(again);
        await again.SayAsync("the end", SwitchWorld.Aor("mallory"), SwitchWorld.Group);
        return [await answers, .. await Task.WhenAll(heard)];
    }

    private static MsrpLeg Sender(string type) =>
        InRoom(SwitchWorld.Leg("mallory")) with { AcceptTypes = ["message/cpim", type] };

    private static MsrpLeg InRoom(MsrpLeg leg) => leg with
    {
        Room = [SwitchWorld.Group],
        MayWritePrivately = true,
        TakesPrivateMessages = true,
        AcceptWrappedTypes = ["text/plain"],
    };

    private static async Task WriteAsync(Peer peer, byte[] stream, int[] cuts)
    {
        var at = 0;
        foreach (var cut in cuts)
        {
            var end = Math.Min(stream.Length, at + Math.Max(1, cut));
            await peer.WriteAsync(stream.AsMemory(at..end));
            at = end;
        }

        await peer.WriteAsync(stream.AsMemory(at));
    }

    private static async Task UntilLostAsync(SwitchWorld world)
    {
        while (await world.NextEventAsync() is not MsrpLegLost)
        {
            // What else there is to tell is no matter here.
        }
    }

    private static async Task<string> HearToTheEndAsync(Peer peer)
    {
        var all = new StringBuilder();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        while (true)
        {
            var frame = await peer.ReadSendAsync();
            var text = Encoding.Latin1.GetString(frame.Body.Span);
            Append(all, frame, names);
            if (text.EndsWith("the end", StringComparison.Ordinal))
                return all.ToString();
        }
    }

    private static async Task<string> AnswersAsync(Peer peer)
    {
        var all = new StringBuilder();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await peer.ReadAsync() is { } frame)
            Append(all, frame, names);

        return all.ToString();
    }

    // Identifiers that the switch makes are told apart by the order they come in.
    private static void Append(StringBuilder all, MsrpFrame frame, Dictionary<string, string> names)
    {
        var head = frame.Head.ToString();
        foreach (var made in new[] { frame.Head.IsRequest ? frame.Head.TransactionId : "", frame.Head.MessageId })
        {
            if (made.Length != MsrpIdent.FreshLength)
                continue;

            if (!names.TryGetValue(made, out var name))
                names[made] = name = string.Create(CultureInfo.InvariantCulture, $"<{names.Count}>");
            head = head.Replace(made, name, StringComparison.Ordinal);
        }

        all.Append(head).Append('|').Append(Convert.ToHexString(frame.Body.Span)).Append(frame.Flag).AppendLine();
    }

    private static byte[] Bytes(string frames, int size, (int, int)[] edits)
    {
        var text = frames.Replace("{to}", SwitchWorld.OurUri("mallory").ToString(), StringComparison.Ordinal)
            .Replace("{from}", SwitchWorld.PeerUri("mallory").ToString(), StringComparison.Ordinal);
        return [.. size == 0 ? [] : Large(size), .. MsrpGen.Spoil(Encoding.UTF8.GetBytes(text), edits)];
    }

    private static byte[] Large(int size)
    {
        var body = Encoding.Latin1.GetString(
            Peer.Cpim(new string('y', size), SwitchWorld.Aor("mallory"), SwitchWorld.Group));
        return Encoding.Latin1.GetBytes(
            $"MSRP large1 SEND\r\nTo-Path: {SwitchWorld.OurUri("mallory")}\r\nFrom-Path: {SwitchWorld.PeerUri("mallory")}\r\n"
            + $"Message-ID: large\r\nByte-Range: 1-*/*\r\nContent-Type: message/cpim\r\n\r\n{body}\r\n-------large1$\r\n");
    }

    private sealed record Case(byte[] Stream, int[] Cuts, bool IsGroup, string Type)
    {
        public override string ToString() =>
            $"{(IsGroup ? "group" : "pair")} {Type} cut at {string.Join(' ', Cuts)}\n{Encoding.Latin1.GetString(Stream)}";
    }
}
