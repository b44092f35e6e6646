using System.Buffers;

namespace ImSidecar.Protocol.Xdm;

/// <summary>Finds the elements in a text that an XML reader has found well-formed, without DTD.</summary>
internal ref struct OutlineScanner
{
    private static readonly SearchValues<char> _nameEnds = SearchValues.Create(" \t\r\n/>=");

    private readonly ReadOnlySpan<char> _text;
    private readonly OutlineElement? _inScope;
    private int _at;

    private OutlineScanner(ReadOnlySpan<char> text, OutlineElement? inScope)
    {
        _text = text;
        _inScope = inScope;
    }

    /// <summary>The outermost element; it gets a parent whose prefixes hold for it.</summary>
    public static OutlineElement Read(ReadOnlySpan<char> text, OutlineElement? inScope) =>
        new OutlineScanner(text, inScope).Read();

    private OutlineElement Read()
    {
        OutlineElement? root = null;
        var open = _inScope;
        while (true)
        {
            var next = _text[_at..].IndexOf('<');
            if (next < 0)
                return root!;

            _at += next;
            var rest = _text[_at..];
            if (rest.StartsWith("<!--"))
                Skip("<!--", "-->");
            else if (rest.StartsWith("<![CDATA["))
                Skip("<![CDATA[", "]]>");
            else if (rest.StartsWith("<?"))
                Skip("<?", "?>");
            else if (rest.StartsWith("</"))
            {
                open!.ContentEnd = _at;
                Skip("</", ">");
                open.End = _at;
                open = open.Parent;
            }
            else
            {
                var element = ReadTag(open);
                root ??= element;
                if (element.Parent is { } parent && element != root)
                    parent.Add(element);
                if (element.End == 0)
                    open = element;
            }
        }
    }

    // The end does not overlap the start: "<!-->" opens a comment and does not close it.
    private void Skip(string start, string end)
    {
        _at += start.Length;
        _at += _text[_at..].IndexOf(end) + end.Length;
    }

    private OutlineElement ReadTag(OutlineElement? parent)
    {
        var element = new OutlineElement { Parent = parent, Start = _at };
        _at++;
        var name = ReadName();
        element.NameEnd = _at;
        var attributes = ReadAttributes(element);
        var isOneTag = _text[_at] == '/';
        _at += isOneTag ? 2 : 1;
        element.ContentStart = _at;
        if (isOneTag)
        {
            element.ContentEnd = _at;
            element.End = _at;
        }

        (element.Prefix, element.Local) = Split(name);
        element.Namespace = element.Resolve(element.Prefix) ?? "";
        foreach (var attribute in attributes)
        {
            element.Add(attribute with
            {
                Namespace = attribute.Prefix.Length == 0 ? "" : element.Resolve(attribute.Prefix) ?? "",
            });
        }

        return element;
    }

    private List<OutlineAttribute> ReadAttributes(OutlineElement element)
    {
        var attributes = new List<OutlineAttribute>();
        while (true)
        {
            var start = _at;
            SkipSpace();
            if (_text[_at] is '/' or '>')
                return attributes;

            var (prefix, local) = Split(ReadName());
            SkipSpace();
            _at++; // "="
            SkipSpace();
            var quote = _text[_at++];
            var valueStart = _at;
            var length = _text[_at..].IndexOf(quote);
            _at += length + 1;
            if (!XmlEscapes.TryUnescape(_text.Slice(valueStart, length), out var value))
                value = "";

            if (prefix == "xmlns")
                element.Declare(local, value);
            else if (prefix.Length == 0 && local == "xmlns")
                element.Declare("", value);
            else
                attributes.Add(new(prefix, local, "", value, start, valueStart, _at));
        }
    }

    private string ReadName()
    {
        var start = _at;
        _at += _text[_at..].IndexOfAny(_nameEnds);
        return _text[start.._at].ToString();
    }

    private void SkipSpace()
    {
        while (_text[_at] is ' ' or '\t' or '\r' or '\n')
            _at++;
    }

    private static (string Prefix, string Local) Split(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? ("", name) : (name[..colon], name[(colon + 1)..]);
    }
}
