using System.Globalization;
using System.Net;

namespace ImSidecar.Client.Commands;

/// <summary>Options of the form --name value, flags without one, lists given more than once.</summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, List<string>> _options = [];
    private readonly HashSet<string> _used = [];

    public static CommandLine Parse(
        string[] args, IReadOnlyList<string>? flags = null, IReadOnlyList<string>? lists = null)
    {
        var parsed = new CommandLine();
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : "";
            var isFlag = flags?.Contains(name) == true;
            if (name.Length == 0 || (!isFlag && i + 1 == args.Length))
                throw new UsageException($"{args[i]}: expected --option value");
            if (parsed._options.TryGetValue(name, out var before) && lists?.Contains(name) != true)
                throw new UsageException($"{args[i]} is given twice");

            parsed._options[name] = [.. before ?? [], isFlag ? "" : args[++i]];
        }

        return parsed;
    }

    public string? Find(string name) => All(name) is [var first, ..] ? first : null;

    public bool Has(string flag) => All(flag).Count > 0;

    /// <summary>Of an option that may be given more than once.</summary>
    public IReadOnlyList<string> All(string name)
    {
        _used.Add(name);
        return _options.GetValueOrDefault(name) ?? [];
    }

    public string Get(string name, string fallback) => Find(name) ?? fallback;

    public string Require(string name) => Find(name) ?? throw new UsageException($"--{name} is missing");

    public int GetPort(string name, int fallback) =>
        Find(name) is not { } text ? fallback
        : ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port
        : throw new UsageException($"--{name} {text} is not a port");

    public IPEndPoint GetEndPoint(string name, IPEndPoint fallback) =>
        Find(name) is not { } text ? fallback
        : IPEndPoint.TryParse(text, out var address) && address.Port > 0 ? address
        : throw new UsageException($"--{name} {text} is not IP:PORT");

    /// <summary>Once all options have been read: those that nobody asked for are mistakes.</summary>
    public void RejectUnknown()
    {
        if (_options.Keys.FirstOrDefault(name => !_used.Contains(name)) is { } unknown)
            throw new UsageException($"--{unknown} is no option here");
    }
}
