using System.Buffers;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests.Relay;

/// <summary>However the input is cut into reads, the same comes out: the same messages, in the same order.</summary>
public sealed class AnySplitTests : IDisposable
{
    private readonly RelayHost _relay = new();

    public void Dispose() => _relay.Dispose();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory, MemberData(nameof(Seeds))]
    public async Task Any_split_of_the_input_gives_the_same_messages(int seed)
    {
        var random = new Random(seed);
        using var alice = await _relay.JoinAsync("alice");
        using var bob = await _relay.JoinAsync("bob");
        var messages = Enumerable.Range(0, 30).Select(_ => Body(random)).ToArray();
        var input = new ArrayBufferWriter<byte>();
        var paths = new MsrpPaths([.. alice.UsePath, .. bob.Path], alice.Local);
        for (var i = 0; i < messages.Length; i++)
            WriteMessage(input, random, paths, "m" + i, messages[i]);

        var taking = TakeAsync(bob, messages.Length);
        for (var at = 0; at < input.WrittenCount;)
        {
            var most = random.Next(4) switch { 0 => 1, 1 => 50, 2 => 5000, _ => 200_000 };
            var length = Math.Min(most, input.WrittenCount - at);
            await alice.WriteSlowlyAsync(input.WrittenMemory.Slice(at, length));
            at += length;
            if (random.Next(10) == 0)
                _relay.Server.Supervise();
        }

        Assert.Equal(messages, await taking);
    }

    [Fact]
    public async Task A_body_that_begins_like_an_end_line_is_cut_anywhere()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var bob = await _relay.JoinAsync("bob");
        var body = "\r\n-------t1$\r\n"u8.ToArray();
        var paths = new MsrpPaths([.. alice.UsePath, .. bob.Path], alice.Local);
        var taking = TakeAsync(bob, body.Length + 4);

        for (var cut = 0; cut < body.Length + 4; cut++)
        {
            var output = new ArrayBufferWriter<byte>();
            var send = new MsrpSend
            {
                Paths = paths,
                MessageId = "m" + cut,
                Range = new(1, null, null),
                ContentType = "a/b",
            };
            MsrpWriter.WriteSend(output, MsrpIdent.FreshFor(body), send, body);
            var at = output.WrittenSpan.IndexOf("\r\n\r\n"u8) + cut;
            await alice.WriteSlowlyAsync(output.WrittenMemory[..at]);

            // What is here is read before the rest comes.
            await Task.Delay(20, TestContext.Current.CancellationToken);
            await alice.WriteSlowlyAsync(output.WrittenMemory[at..]);
        }

        Assert.All(await taking, each => Assert.Equal(body, each));
    }

    // Also what looks like end-lines and heads, and of lengths about those that are cut.
    private static byte[] Body(Random random)
    {
        var body = new byte[random.Next(6) switch
        {
            0 => random.Next(3),
            1 => 65_535 + random.Next(4),
            2 => random.Next(200_000),
            _ => random.Next(1000),
        }];
        var words = "\r\n-------t1$\r\n"u8.ToArray();
        for (var at = 0; at < body.Length; at++)
            body[at] = random.Next(40) == 0 ? (byte)random.Next(256) : words[at % words.Length];

        return body;
    }

    private static void WriteMessage(
        ArrayBufferWriter<byte> output, Random random, MsrpPaths paths, string id, byte[] body)
    {
        for (var start = 0; ;)
        {
            var length = Math.Min(random.Next(2) == 0 ? body.Length : random.Next(1, 100_000), body.Length - start);
            var isLast = start + length == body.Length;
            var end = random.Next(2) == 0 ? (long?)null : start + length;
            var piece = body.AsSpan(start, length);
            MsrpWriter.WriteSend(
                output, MsrpIdent.FreshFor(piece),
                new()
                {
                    Paths = paths,
                    MessageId = id,
                    Range = new(start + 1, end, random.Next(2) == 0 ? null : body.Length),
                    ContentType = "application/octet-stream",
                    FailureReport = (FailureReport)random.Next(3),
                },
                piece, isLast ? MsrpFlag.Last : MsrpFlag.More);
            start += length;
            if (isLast)
                return;
        }
    }

    private static async Task<byte[][]> TakeAsync(RelayEnd end, int count)
    {
        var whole = new List<byte[]>();
        while (whole.Count < count)
        {
            var body = new ArrayBufferWriter<byte>();
            MsrpFrame frame;
            do
            {
                frame = await end.ReadSendAsync();
                Assert.Equal("m" + whole.Count, frame.Head.MessageId);
                Assert.Equal(body.WrittenCount + 1, frame.Head.Range!.Value.Start);
                body.Write(frame.Body.Span);
                Assert.Equal(body.WrittenCount, frame.Head.Range!.Value.End ?? body.WrittenCount);
            }
            while (frame.Flag == MsrpFlag.More);

            whole.Add(body.WrittenSpan.ToArray());
        }

        return [.. whole];
    }
}
