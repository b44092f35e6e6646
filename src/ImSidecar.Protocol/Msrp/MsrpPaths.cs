using System.Collections.Immutable;
using System.Text;

namespace ImSidecar.Protocol.Msrp;

/// <summary>To-Path and From-Path of the requests of one session, encoded once.</summary>
public sealed class MsrpPaths
{
    private readonly byte[] _lines;

    public MsrpPaths(ImmutableArray<MsrpUri> to, MsrpUri from)
    {
        if (to.IsDefaultOrEmpty)
            throw new ArgumentException("A path has at least one URI", nameof(to));

        _lines = Encoding.ASCII.GetBytes($"To-Path: {string.Join(' ', to)}\r\nFrom-Path: {from}\r\n");
    }

    internal MsrpPaths(ReadOnlySpan<byte> to, ReadOnlySpan<byte> from) =>
        _lines = [.. "To-Path: "u8, .. to, .. "\r\nFrom-Path: "u8, .. from, .. "\r\n"u8];

    /// <summary>Both header lines, each with its CRLF.</summary>
    public ReadOnlySpan<byte> Lines => _lines;

    /// <summary>The way back to who sent this request, the whole path: for a REPORT, RFC 4975 7.1.2.</summary>
    public static MsrpPaths BackTo(MsrpHead request) =>
        new(request.FromPathBytes, FirstUri(request.ToPathBytes));

    /// <summary>The first URI of a path as written.</summary>
    public static ReadOnlySpan<byte> FirstUri(ReadOnlySpan<byte> path)
    {
        var blank = path.IndexOf((byte)' ');
        return blank < 0 ? path : path[..blank];
    }
}
