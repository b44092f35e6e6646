using System.Text;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Client.Blocking;

/// <summary>A block list kept by the client: a resource-lists document, or one address per line.</summary>
public static class BlockListFile
{
    public const int MaxBytes = 1024 * 1024;

    /// <summary>A line that begins with "#" is a remark.</summary>
    public static bool TryRead(string path, out BlockList list, out string error)
    {
        list = BlockList.Empty;
        try
        {
            if (new FileInfo(path).Length <= MaxBytes)
                return TryRead(File.ReadAllBytes(path), out list, out error);

            error = "larger than 1 MiB";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            error = fault.Message;
        }

        return false;
    }

    internal static bool TryRead(ReadOnlyMemory<byte> content, out BlockList list, out string error)
    {
        var text = Encoding.UTF8.GetString(content.Span).TrimStart('\uFEFF').TrimStart();
        if (text.StartsWith('<'))
            return BlockList.TryRead(content, out list, out error);

        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#').ToList();
        error = lines.Count > ResourceListsDocument.MaxItems ? "too many entries" : "";
        list = error.Length == 0 ? BlockList.Of(lines) : BlockList.Empty;
        return error.Length == 0;
    }
}
