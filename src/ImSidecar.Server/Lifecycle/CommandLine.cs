using System.Diagnostics.CodeAnalysis;

namespace ImSidecar.Server.Lifecycle;

/// <summary>The arguments of the process: its role, the file, and keys of the configuration, "--Section:Key=value".</summary>
internal sealed record CommandLine(string Role, Asked Asked, string File, IReadOnlyList<KeyValuePair<string, string?>> Keys)
{
    public const string DefaultFile = "/etc/imsidecar/imsidecar.json";

    private const string ImportOption = "--import-sqlite";

    public const string Help = """
        imsidecar, an OMA SIMPLE IM server beside Kamailio.

        imsidecar [OPTIONS]        rules, conferences, XDMS; MSRP switch and relay too, unless MsrpControl:Socket is set
        imsidecar msrp [OPTIONS]   MSRP switch and relay as a process of their own

          --config FILE            the configuration, by default /etc/imsidecar/imsidecar.json
          --Section:Key=VALUE      a key of it, before what the environment (IMSIDECAR_Section__Key) and the file say
          --import-sqlite FILE     copies an SQLite store, and deferred.db beside it, into the empty one in PostgreSQL and ends
          --check-config           says all that is wrong with it and ends
          --version                says the version and ends
          --help                   says this and ends

        Exit codes: 0 done, 64 wrong arguments, 69 what it needs cannot be had now (a port, a socket, a store), 78 the
        configuration is wrong (both: a line for each reason on standard error), 70 a bug, which is told with its stack.
        SIGHUP reads the configuration again, SIGTERM stops; man imsidecar tells more.
        """;

    /// <summary>What Asked.Import copies.</summary>
    public string Import { get; init; } = "";

    /// <summary>False: an argument is none of ours; the error is a sentence.</summary>
    public static bool TryParse(
        IReadOnlyList<string> arguments, [NotNullWhen(true)] out CommandLine? line, out string error)
    {
        (line, error) = (null, "");
        var role = arguments is ["msrp", ..] ? "msrp" : "";
        var (asked, file, import) = (Asked.Run, DefaultFile, "");
        List<KeyValuePair<string, string?>> keys = [];
        for (var i = role.Length > 0 ? 1 : 0; i < arguments.Count; i++)
        {
            var (name, value) = Split(arguments[i]);
            if (!name.StartsWith("--", StringComparison.Ordinal) && name != "-h")
                return Refuse($"{name} is no option", out error);

            if (Question(name) is { } question)
            {
                if (value is not null)
                    return Refuse($"{name} takes no value", out error);

                asked = Later(asked, question);
                continue;
            }

            if (name is not ("--config" or ImportOption) && !name.Contains(':', StringComparison.Ordinal))
                return Refuse($"{name} is no option", out error);

            if (value is null && (i + 1 == arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal)))
                return Refuse($"{name} needs a value", out error);

            value ??= arguments[++i];
            if (name == "--config")
            {
                file = value;
                continue;
            }

            if (name == ImportOption)
            {
                (asked, import) = (Later(asked, Asked.Import), value);
                continue;
            }

            // Of a key that is said twice the last one counts.
            keys.RemoveAll(each => each.Key.Equals(name[2..], StringComparison.OrdinalIgnoreCase));
            keys.Add(new(name[2..], value));
        }

        if (file.Length == 0)
            return Refuse("--config needs the name of a file", out error);

        if (asked == Asked.Import && (import.Length == 0 || role.Length > 0))
        {
            return Refuse(
                import.Length == 0 ? $"{ImportOption} needs the name of a file" : $"{ImportOption} is nothing for {role}",
                out error);
        }

        line = new(role, asked, Path.GetFullPath(file), keys)
        {
            Import = import.Length > 0 ? Path.GetFullPath(import) : "",
        };
        return true;
    }

    private static Asked? Question(string name) => name switch
    {
        "--check-config" => Asked.Check,
        "--help" or "-h" => Asked.Help,
        "--version" => Asked.Version,
        _ => null,
    };

    // Who asks for help wants nothing else.
    private static Asked Later(Asked before, Asked now) => before == Asked.Help ? before : now;

    private static (string Name, string? Value) Split(string argument)
    {
        var end = argument.StartsWith("--", StringComparison.Ordinal)
            ? argument.IndexOf('=', StringComparison.Ordinal)
            : -1;
        return end < 0 ? (argument, null) : (argument[..end], argument[(end + 1)..]);
    }

    private static bool Refuse(string reason, out string error)
    {
        error = reason + "; imsidecar --help tells what there is";
        return false;
    }
}
