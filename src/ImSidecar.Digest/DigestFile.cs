using ImSidecar.Protocol.Xdm;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Digest;

/// <summary>
/// The users of HTTP Digest: a file as htdigest writes it, user:realm:HA1, where HA1 is MD5 (32 hex digits) or SHA-256
/// (64). Read again when it changes.
/// </summary>
public sealed class DigestFile(string path, string realm, TimeProvider time, ILogger logger)
{
    public const int MaxUsers = 1_000_000;
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Dictionary<string, DigestUser> _users = new(StringComparer.Ordinal);
    private string[] _algorithms = ["SHA-256"];
    private (DateTime, long) _read;
    private DateTimeOffset _lookAgain = DateTimeOffset.MinValue;

    /// <summary>
    /// What a challenge offers, the first one first: many clients look no further, so MD5 goes first as long as there
    /// is a user without SHA-256.
    /// </summary>
    public IReadOnlyList<string> Algorithms
    {
        get
        {
            lock (_lock)
            {
                Refresh();
                return _algorithms;
            }
        }
    }

    public DigestUser? Find(string name)
    {
        lock (_lock)
        {
            Refresh();
            return _users.GetValueOrDefault(name);
        }
    }

    // A file that cannot be read leaves nobody in: who was taken out must not stay.
    private void Refresh()
    {
        if (time.GetUtcNow() < _lookAgain)
            return;

        _lookAgain = time.GetUtcNow() + _interval;
        try
        {
            var file = FileStamp.Target(path);
            var now = (file.LastWriteTimeUtc, file.Length);
            if (now == _read)
                return;

            var users = Read(File.ReadLines(path), out var skipped);
            (_users, _algorithms, _read) = (users, Offered(users.Values), now);
            logger.DigestFileRead(path, users.Count, skipped);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (_users.Count > 0 || _read == default)
                logger.DigestFileUnreadable(path, error.Message);
            (_users, _read) = ([], (DateTime.MaxValue, 0));
        }
    }

    private static string[] Offered(ICollection<DigestUser> users)
    {
        if (!users.Any(user => user.Md5 is not null))
            return ["SHA-256"];

        if (!users.Any(user => user.Sha256 is not null))
            return ["MD5"];

        return users.All(user => user.Sha256 is not null) ? ["SHA-256", "MD5"] : ["MD5", "SHA-256"];
    }

    private Dictionary<string, DigestUser> Read(IEnumerable<string> lines, out int skipped)
    {
        var users = new Dictionary<string, DigestUser>(StringComparer.Ordinal);
        skipped = 0;
        foreach (var line in lines)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;

            if (TryParse(line, out var name, out var secret) && users.Count < MaxUsers)
                users[name] = (users.GetValueOrDefault(name) ?? new(Identity(name))).With(secret);
            else
                skipped++;
        }

        return users;
    }

    // The user may be a URI and hold colons.
    private bool TryParse(string line, out string name, out string secret)
    {
        var text = line.TrimEnd();
        var last = text.LastIndexOf(':');
        var tail = ":" + realm;
        secret = text[(last + 1)..].ToLowerInvariant();
        var head = last < 0 ? "" : text[..last];
        name = head.EndsWith(tail, StringComparison.Ordinal) ? head[..^tail.Length] : "";
        return name.Length > 0 && secret.Length is 32 or 64 && secret.All(char.IsAsciiHexDigitLower);
    }

    private string Identity(string name) => DocumentSelector.Canonical(
        name.StartsWith("sip:", StringComparison.Ordinal) || name.StartsWith("tel:", StringComparison.Ordinal) ? name
        : name.Contains('@', StringComparison.Ordinal) ? "sip:" + name
        : $"sip:{name}@{realm}");
}

/// <summary>One user of the file: his identity, and HA1 in lower-case hex for each algorithm he has it for.</summary>
public sealed record DigestUser(string Identity, string? Md5 = null, string? Sha256 = null)
{
    public DigestUser With(string secret) =>
        secret.Length == 32 ? this with { Md5 = secret } : this with { Sha256 = secret };
}
