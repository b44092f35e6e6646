using System.Text;

namespace ImSidecar.Client.Chat;

/// <summary>The line that a person is typing at a terminal; what he sent before comes back with Up.</summary>
internal sealed class InputLine
{
    private const int MaxLength = 8 * 1024;
    private const int MaxHistory = 100;

    private readonly StringBuilder _text = new();
    private readonly List<string> _sent = [];
    private int _shown;

    public string Text => _text.ToString();

    /// <summary>The end of the input: Ctrl-D with nothing typed.</summary>
    public bool IsEnd { get; private set; }

    /// <summary>The whole line when the key was Enter, else null.</summary>
    public string? Press(ConsoleKeyInfo key)
    {
        switch (key)
        {
            case { Key: ConsoleKey.Enter }:
                return Send();
            case { Key: ConsoleKey.Backspace }:
                Cut(_text.Length >= 2 && char.IsSurrogatePair(_text[^2], _text[^1]) ? 2 : 1);
                break;
            case { Key: ConsoleKey.UpArrow }:
                Recall(_shown - 1);
                break;
            case { Key: ConsoleKey.DownArrow }:
                Recall(_shown + 1);
                break;
            case { Key: ConsoleKey.U, Modifiers: ConsoleModifiers.Control }:
                _text.Clear();
                break;
            case { Key: ConsoleKey.W, Modifiers: ConsoleModifiers.Control }:
                Cut(_text.Length - (Text.TrimEnd().LastIndexOf(' ') + 1));
                break;
            case { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control }:
                IsEnd = _text.Length == 0;
                break;
            case { KeyChar: var c } when !char.IsControl(c) && _text.Length < MaxLength:
                _text.Append(c);
                break;
        }

        return null;
    }

    private string Send()
    {
        var line = Text;
        _text.Clear();
        if (line.Length > 0 && (_sent.Count == 0 || _sent[^1] != line))
            _sent.Add(line);
        if (_sent.Count > MaxHistory)
            _sent.RemoveAt(0);
        _shown = _sent.Count;
        return line;
    }

    private void Recall(int at)
    {
        if (at < 0 || at > _sent.Count)
            return;

        _shown = at;
        _text.Clear().Append(at < _sent.Count ? _sent[at] : "");
    }

    private void Cut(int count) => _text.Length -= Math.Min(count, _text.Length);
}
