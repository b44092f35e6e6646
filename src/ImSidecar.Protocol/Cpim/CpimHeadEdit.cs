using System.Buffers;
using System.Text;

namespace ImSidecar.Protocol.Cpim;

/// <summary>
/// What is changed in a CPIM header block: who it is from and to, when it was said, one more field. All else stays as
/// written.
/// </summary>
public sealed class CpimHeadEdit(CpimHead head)
{
    private readonly List<(int Start, int End, string Text)> _edits = [];

    public bool IsEmpty => _edits.Count == 0;

    /// <summary>Another URI in a field; the name goes with the old one unless it is to stay.</summary>
    public void Readdress(int field, string uri, string name = "")
    {
        var line = head.Lines[field];
        _edits.Add((line.Start.Value, line.End.Value, $"{head.Fields[field].Name}: {new CpimAddress(name, uri)}\r\n"));
    }

    public void Remove(int field)
    {
        var line = head.Lines[field];
        _edits.Add((line.Start.Value, line.End.Value, ""));
    }

    public void AddDateTime(DateTimeOffset now) =>
        _edits.Add((head.InsertAt, head.InsertAt, CpimMessage.DateTimeLine(now)));

    /// <summary>One more field behind that one.</summary>
    public void AddBehind(int field, string line)
    {
        var end = head.Lines[field].End.Value;
        _edits.Add((end, end, line + "\r\n"));
    }

    public ReadOnlySpan<byte> Apply(ReadOnlySpan<byte> bytes)
    {
        var output = new ArrayBufferWriter<byte>(bytes.Length + 128);
        var at = 0;
        foreach (var (start, end, text) in _edits.OrderBy(edit => edit.Start).ThenBy(edit => edit.End))
        {
            output.Write(bytes[at..start]);
            Encoding.UTF8.GetBytes(text, output);
            at = end;
        }

        output.Write(bytes[at..]);
        return output.WrittenSpan;
    }
}
