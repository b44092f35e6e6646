using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Tests.Msrp;

/// <summary>RFC 4975 7.3: whatever comes, however it is cut, is read the same way, in bounded memory.</summary>
public class MsrpFuzzTests
{
    private const int MaxHead = 2048;

    private static readonly Gen<byte[]> _streams =
        from frames in Gen.ListOf(MsrpGen.Frames)
        from vector in Gen.Elements(MsrpVectors.Names.Select(each => MsrpVectors.Read(each.Data)).Append([]).ToArray())
        from edits in MsrpGen.Edits
        select MsrpGen.Spoil([.. Encoding.UTF8.GetBytes(string.Concat(frames)), .. vector], edits);

    private static readonly Gen<(byte[] Stream, int[] Cuts)> _cutStreams =
        from stream in _streams
        from cuts in MsrpGen.Cuts
        select (stream, cuts);

    [Fact]
    public void However_it_is_cut_it_is_the_same() => Prop
        .ForAll(_cutStreams.ToArbitrary(), each =>
        {
            var whole = MsrpVectors.Parse(each.Stream, Math.Max(1, each.Stream.Length));
            Assert.Equal(whole, MsrpVectors.Parse(each.Stream, each.Cuts is [] ? [3] : each.Cuts));
        })
        .Check(cases: 2000, perMinute: 40_000);

    [Fact]
    public void All_vectors_in_one_stream_are_the_same_at_each_cut()
    {
        var stream = MsrpVectors.Names.SelectMany(each => MsrpVectors.Read(each.Data)).ToArray();
        var whole = MsrpVectors.Parse(stream, stream.Length);

        Assert.Equal("whole", whole[^1]);
        for (var at = 1; at < stream.Length; at++)
            Assert.Equal(whole, MsrpVectors.Parse(stream, at, stream.Length));
    }

    [Fact]
    public void No_more_is_left_to_be_held_than_a_head_or_an_end_line() => Prop
        .ForAll(_cutStreams.ToArbitrary(), each => AssertBounded(each.Stream, each.Cuts is [] ? [7] : each.Cuts))
        .Check(cases: 1000, perMinute: 20_000);

    [Fact]
    public void What_is_written_is_read_back_whatever_it_holds() => Prop
        .ForAll(Bodies().ToArbitrary(), each =>
        {
            var transaction = MsrpIdent.FreshFor(each.Body);
            var output = new ArrayBufferWriter<byte>();
            MsrpWriter.WriteSend(output, transaction, Send(each.Body.Length), each.Body, each.Flag);

            var found = MsrpVectors.Parse(output.WrittenSpan.ToArray(), each.Cuts is [] ? [1] : each.Cuts);

            Assert.Equal(3, found.Count);
            Assert.StartsWith("None MSRP " + transaction, found[0], StringComparison.Ordinal);
            Assert.Equal($"{each.Flag} {Convert.ToHexString(each.Body)}", found[1]);
            Assert.Equal("whole", found[2]);
        })
        .Check(cases: 500, perMinute: 10_000);

    private static Gen<(byte[] Body, MsrpFlag Flag, int[] Cuts)> Bodies() =>
        from bytes in Gen.ArrayOf(Gen.OneOf(
            Gen.Elements("\r\n-------"u8.ToArray(), "-"u8.ToArray(), "\r"u8.ToArray(), "$\r\n"u8.ToArray()),
            Gen.ArrayOf(Gen.Choose(0, 255).Select(each => (byte)each))))
        from flag in Gen.Elements(MsrpFlag.Last, MsrpFlag.More, MsrpFlag.Abort)
        from cuts in MsrpGen.Cuts
        select (bytes.SelectMany(each => each).ToArray(), flag, cuts);

    private static MsrpSend Send(int length) => new()
    {
        Paths = new([new MsrpUri("b.example.com", 8888, "s1")], new MsrpUri("a.example.com", 7777, "s2")),
        MessageId = "m1aa",
        Range = new(1, length, length),
        ContentType = "application/octet-stream",
    };

    private static void AssertBounded(byte[] stream, int[] cuts)
    {
        var parser = new MsrpParser(MaxHead);
        var (start, arrived) = (0L, 0);
        for (var i = 0; arrived < stream.Length && parser.Fault == MsrpFault.None; i++)
        {
            arrived = Math.Min(stream.Length, arrived + cuts[Math.Min(i, cuts.Length - 1)]);
            var buffer = MsrpVectors.Segments(stream.AsMemory(0, arrived), cuts).Slice(start);
            var before = buffer.Length;
            MsrpToken token;
            do
            {
                token = parser.Read(ref buffer, out var body);
                Assert.InRange(body.Length, 0, MsrpParser.MaxPieceBytes);
            }
            while (token is not (MsrpToken.NeedMore or MsrpToken.Fault));

            start += before - buffer.Length;
            Assert.InRange(token == MsrpToken.Fault ? 0 : buffer.Length, 0, MaxHead);
        }
    }
}
