using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace ImSidecar.Cli.Doctor;

/// <summary>One question to the resolver of this machine (RFC 1035): are there records of that type?</summary>
internal static class DnsQuery
{
    public const ushort Srv = 33;
    public const ushort Naptr = 35;

    private const ushort NoError = 0;
    private const ushort NoSuchName = 3;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    /// <summary>How many answers there are; null: the resolver does not say.</summary>
    public static async Task<int?> CountAsync(
        string name, ushort type, IPEndPoint? resolver, CancellationToken cancellation)
    {
        if (resolver is null || Question(name, type) is not { } question)
            return null;

        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(_patience);
        try
        {
            using var socket = new Socket(resolver.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(resolver, late.Token);
            await socket.SendAsync(question, late.Token);
            var answer = new byte[4096];
            var length = await socket.ReceiveAsync(answer, late.Token);
            return Read(answer.AsSpan(0, length), question, type);
        }
        catch (SocketException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The first one of /etc/resolv.conf.</summary>
    public static IPEndPoint? Resolver()
    {
        try
        {
            foreach (var line in File.ReadLines("/etc/resolv.conf"))
            {
                if (line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
                        is ["nameserver", var address, ..]
                    && IPAddress.TryParse(address, out var parsed))
                    return new(parsed, 53);
            }
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            // Then there is none.
        }

        return null;
    }

    internal static byte[]? Question(string name, ushort type)
    {
        var labels = name.TrimEnd('.').Split('.');
        if (labels.Any(label => label.Length is 0 or > 63 || !Ascii.IsValid(label)))
            return null;

        byte[] header = [.. RandomNumberGenerator.GetBytes(2), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        return
        [
            .. header,
            .. labels.SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0,
            (byte)(type >> 8), (byte)type, 0, 1,
        ];
    }

    /// <summary>Records of the type in the answer section; null: it is no answer to the question.</summary>
    internal static int? Read(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> question, ushort type)
    {
        if (answer.Length < question.Length || !answer[..2].SequenceEqual(question[..2])
            || (answer[2] & 0x80) == 0 || !answer[12..question.Length].SequenceEqual(question[12..]))
            return null;

        var code = answer[3] & 0x0F;
        if (code != NoError)
            return code == NoSuchName ? 0 : null;

        var records = BinaryPrimitives.ReadUInt16BigEndian(answer[6..]);
        var (at, count) = (question.Length, 0);
        for (var i = 0; i < records; i++)
        {
            while (at < answer.Length && answer[at] is > 0 and < 0xC0)
                at += answer[at] + 1;
            at += at < answer.Length && answer[at] >= 0xC0 ? 2 : 1;
            if (at + 10 > answer.Length)
                return count;

            count += BinaryPrimitives.ReadUInt16BigEndian(answer[at..]) == type ? 1 : 0;
            at += 10 + BinaryPrimitives.ReadUInt16BigEndian(answer[(at + 8)..]);
        }

        return count;
    }
}
