using System.CommandLine;
using System.Text.Json;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Calls;

namespace ImSidecar.Cli.Doctor;

/// <summary>doctor: examines an installation, and says in a line for each check what is wrong and what to do.</summary>
internal static class DoctorCommand
{
    private const string DefaultFile = "/etc/imsidecar/imsidecar.json";

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create(Shell shell)
    {
        var file = new Option<string>("--config")
        {
            Description = "The configuration of the sidecar",
            HelpName = "file",
            DefaultValueFactory = _ => DefaultFile,
        };
        var outside = new Option<string?>("--from-outside")
        {
            Description = "Only this: is MSRP reached there from here? For another machine, where handsets are",
            HelpName = "host:port",
        };
        var tls = new Option<bool>("--tls") { Description = "With --from-outside: a port of MSRP over TLS" };
        var command = new Command(
            "doctor", "Examines this installation: what is wrong, and what to do. Exit code 0, or 1 if something is.")
        {
            file, outside, tls,
        };
        shell.On(command, async call => Tell(call, call.Get(outside) is { } target
            ? [await MsrpCheck.FromOutsideAsync(target, call.Get(tls), call.Cancellation)]
            : await ExamineAsync(call, call.Parsed.GetValue(shell.Socket)!, call.Get(file)!)));
        return command;
    }

    private static async Task<IReadOnlyList<Finding>> ExamineAsync(Call call, string socket, string file)
    {
        var settings = Settings.Defaults();
        settings.TryRead(file, out var unreadable);
        var it = await AskAsync(call, new(settings, file) { Socket = socket });
        (string Name, Func<Task<IEnumerable<Finding>>> Run)[] checks =
        [
            ("configuration", () => ConfigurationCheck.RunAsync(it, unreadable, call.Cancellation)),
            ("sidecar", async () => await SidecarCheck.RunAsync(it, call.Cancellation)),
            ("units", async () => await UnitCheck.RunAsync(it, call.Cancellation)),
            ("ports", () => Task.FromResult(PortCheck.Run(it, ListeningSockets.OfThisMachine()))),
            ("msrp", async () => await MsrpCheck.RunAsync(it, call.Cancellation)),
            ("dns", async () => await NameCheck.RunAsync(it, call.Cancellation)),
            ("clock", () => Task.FromResult<IEnumerable<Finding>>([ClockCheck.Run()])),
            ("store", () => Task.FromResult(StoreCheck.Run(it))),
            ("certificates", () => Task.FromResult(CertificateCheck.Run(it, DateTimeOffset.UtcNow))),
            ("secrets", () => Task.FromResult(SecretCheck.Run(it))),
            ("xdms", async () => [await XdmsCheck.RunAsync(it, call.Cancellation)]),
        ];
        List<Finding> found = [];
        foreach (var (name, run) in checks)
            found.AddRange(await GuardAsync(name, run, call.Cancellation));
        return found;
    }

    /// <summary>A check that fails itself takes no other with it.</summary>
    internal static async Task<IReadOnlyList<Finding>> GuardAsync(
        string name, Func<Task<IEnumerable<Finding>>> check, CancellationToken cancellation)
    {
        try
        {
            return [.. await check()];
        }
        catch (Exception bug) when (!cancellation.IsCancellationRequested)
        {
            return [Finding.Warn(name, $"This could not be examined: {bug.Message}", "report it: that is a bug")];
        }
    }

    /// <summary>What the sidecar says of itself; it may be down, or of a release that knows no Probe.</summary>
    private static async Task<Installation> AskAsync(Call call, Installation it)
    {
        try
        {
            var status = await call.AskAsync("Status", new StatusRequest(), StatusResponse.Parser);
            it = it with { Status = status };
            var probe = await call.AskAsync("Probe", new ProbeRequest(), ProbeResponse.Parser);
            foreach (var setting in probe.Settings)
                it.Settings.Set(setting.Key, setting.Value, setting.Source);
            return it;
        }
        catch (AdminException failure)
        {
            return it.Status is null ? it with { Silence = failure.Message } : it;
        }
    }

    private static int Tell(Call call, IReadOnlyList<Finding> findings)
    {
        var isWell = !findings.Any(each => each.Level == Level.Fail);
        if (call.IsJson)
        {
            var checks = findings.Select(each => new { each.Check, Level = Word(each), each.Text, each.Remedy });
            call.Screen.Output.WriteLine(JsonSerializer.Serialize(new { Well = isWell, Checks = checks }, _json));
            return isWell ? ExitCode.Done : ExitCode.Refused;
        }

        foreach (var each in findings)
        {
            var remedy = each.Remedy.Length > 0 ? $" -> {each.Remedy}" : "";
            call.Screen.Line($"{Word(each),-4}  {each.Check}: {each.Text}{remedy}");
        }

        return isWell ? ExitCode.Done : ExitCode.Refused;
    }

    private static string Word(Finding finding) => finding.Level switch
    {
        Level.Ok => "ok",
        Level.Warn => "warn",
        _ => "FAIL",
    };
}
