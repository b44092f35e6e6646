using System.Buffers;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Tests.Msrp;

/// <summary>The messages in tests/vectors/msrp, and the two ways the tests cut them.</summary>
public static class MsrpVectors
{
    public static TheoryData<string> Names { get; } =
        [.. Vectors.Names("msrp").Select(path => Path.GetFileName(path))];

    public static byte[] Read(string name) => Vectors.Read(Path.Combine("msrp", name));

    /// <summary>What a parser finds when the bytes come in pieces of these sizes; the last size repeats.</summary>
    public static List<string> Parse(byte[] bytes, params int[] sizes)
    {
        var parser = new MsrpParser();
        var found = new List<string>();
        var body = new ArrayBufferWriter<byte>();
        var start = 0L;
        var arrived = 0;
        for (var i = 0; arrived < bytes.Length; i++)
        {
            arrived = Math.Min(bytes.Length, arrived + sizes[Math.Min(i, sizes.Length - 1)]);
            var buffer = Segments(bytes.AsMemory(0, arrived), sizes).Slice(start);
            var left = buffer.Length;
            Drain(parser, ref buffer, body, found);
            start += left - buffer.Length;
        }

        found.Add(parser.IsBetweenFrames && start == bytes.Length ? "whole" : "cut");
        return found;
    }

    private static void Drain(
        MsrpParser parser, ref ReadOnlySequence<byte> buffer, ArrayBufferWriter<byte> body, List<string> found)
    {
        while (true)
        {
            var token = parser.Read(ref buffer, out var piece);
            if (token == MsrpToken.NeedMore)
                return;

            foreach (var memory in piece)
                body.Write(memory.Span);

            if (token == MsrpToken.Head)
                found.Add($"{parser.Head!.Fault} {parser.Head}");

            if (token == MsrpToken.End)
            {
                found.Add($"{parser.Flag} {Convert.ToHexString(body.WrittenSpan)}");
                body.ResetWrittenCount();
            }

            if (token == MsrpToken.Fault)
            {
                if (found.LastOrDefault() != $"fault {parser.Fault}")
                    found.Add($"fault {parser.Fault}");
                return;
            }
        }
    }

    /// <summary>The same bytes as a sequence of several segments.</summary>
    public static ReadOnlySequence<byte> Segments(ReadOnlyMemory<byte> bytes, params int[] sizes)
    {
        var first = new Segment(default, 0);
        var last = first;
        for (var i = 0; bytes.Length > 0; i++)
        {
            var size = Math.Min(bytes.Length, sizes[Math.Min(i, sizes.Length - 1)]);
            last = last.Append(bytes[..size]);
            bytes = bytes[size..];
        }

        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
