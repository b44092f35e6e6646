using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ImSidecar.Cli.Doctor;

/// <summary>Who listens on which TCP port of this machine, by /proc.</summary>
internal sealed class ListeningSockets
{
    private const string Listening = "0A";

    private readonly List<(IPEndPoint EndPoint, string Inode)> _sockets = [];
    private readonly Lazy<Dictionary<string, string>> _programs = new(Programs);

    public static ListeningSockets OfThisMachine()
    {
        var all = new ListeningSockets();
        foreach (var file in new[] { "/proc/net/tcp", "/proc/net/tcp6" })
        {
            if (!File.Exists(file))
                continue;

            foreach (var line in File.ReadLines(file).Skip(1))
            {
                var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (words.Length > 9 && words[3] == Listening)
                    all._sockets.Add((EndPointOf(words[1]), words[9]));
            }
        }

        return all;
    }

    /// <summary>The programs that listen there, "?" for one that we may not look into; none: nobody does.</summary>
    public IReadOnlyList<string> At(IPEndPoint endPoint) =>
    [
        .. _sockets.Where(each => each.EndPoint.Port == endPoint.Port)
            .Where(each => Covers(each.EndPoint.Address, endPoint.Address))
            .Select(each => _programs.Value.GetValueOrDefault(each.Inode, "?")).Distinct(),
    ];

    private static bool Covers(IPAddress listening, IPAddress wanted) =>
        listening.Equals(wanted) || listening.Equals(IPAddress.IPv6Any)
        || (listening.Equals(IPAddress.Any) && wanted.AddressFamily == AddressFamily.InterNetwork);

    // Words of 32 bits in the order of the machine, in hexadecimal.
    private static IPEndPoint EndPointOf(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var bytes = new byte[colon / 2];
        for (var i = 0; i < bytes.Length; i += 4)
        {
            var word = uint.Parse(text.AsSpan(i * 2, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            BitConverter.TryWriteBytes(bytes.AsSpan(i), word);
        }

        return new(
            new IPAddress(bytes),
            int.Parse(text.AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private static Dictionary<string, string> Programs()
    {
        var programs = new Dictionary<string, string>();
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out _))
                continue;

            try
            {
                var name = File.ReadAllText(process + "/comm").Trim();
                foreach (var file in new DirectoryInfo(process + "/fd").EnumerateFiles())
                {
                    if (file.LinkTarget is { } target && target.StartsWith("socket:[", StringComparison.Ordinal))
                        programs[target[8..^1]] = $"{name} ({Path.GetFileName(process)})";
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is somebody else's.
            }
        }

        return programs;
    }
}
