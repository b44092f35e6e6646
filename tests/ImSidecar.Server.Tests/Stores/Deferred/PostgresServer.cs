using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using ImSidecar.Msrp.Tests.Transport;
using Npgsql;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>
/// A PostgreSQL of the tests' own in a temporary folder; it ends with them, even if they are killed. Where none is
/// installed its tests fail: to skip them would hide it.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly IPAddress _address;
    private readonly IReadOnlyList<string> _enter;
    private const string Installed = "/usr/lib/postgresql";
    private const string User = "postgres"; // of the operating system: PostgreSQL refuses to run as root
    private const string Password = "not;a secret='";
    private const int Interrupt = 2;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("pg-test-").FullName;
    private readonly int _port = FreePort.Next();
    private Process? _server;
    private Process? _guard;

    public PostgresServer()
        : this(IPAddress.Loopback, [])
    {
    }

    /// <summary>On a machine of its own: at that address, entered by that command.</summary>
    internal PostgresServer(IPAddress address, IReadOnlyList<string> enter)
    {
        _address = address;
        _enter = enter;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The password is where an operator would have it.</summary>
    public string Connection =>
        $"Host={_address};Port={_port};Username=tester;Database=postgres;Passfile={Path.Combine(_folder, "passfile")}";

    /// <summary>The same by its Unix socket.</summary>
    public string ConnectionBySocket => Connection.Replace($"{_address}", Data, StringComparison.Ordinal);

    /// <summary>The same, which says nothing of a password.</summary>
    public string ConnectionWithoutPassword => Connection[..Connection.IndexOf(";Passfile", StringComparison.Ordinal)];

    public string PasswordFile => Path.Combine(_folder, "password");

    // It may write where others only read.
    private string Administration =>
        Connection + ";Pooling=false;GSS Encryption Mode=Disable;Options=-c default_transaction_read_only=off";

    private string Data => Path.Combine(_folder, "data");

    private string LogFile => Path.Combine(_folder, "log");

    private static bool IsRoot => Environment.UserName == "root";

    public async ValueTask InitializeAsync()
    {
        await PrepareAsync();
        var initdb = AsOwner("initdb");
        await OutputOfAsync(
            initdb[0], [.. initdb[1..], "-D", Data, "-U", "tester", "--auth=scram-sha-256", $"--pwfile={PasswordFile}",
            "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync", "--no-instructions"]);
        // What a killed process wrote the system still has; only a machine without power would miss it.
        await File.AppendAllTextAsync(Path.Combine(Data, "postgresql.conf"), "fsync = off\n", Cancel);
        if (!IPAddress.IsLoopback(_address))
            await File.AppendAllTextAsync(Path.Combine(Data, "pg_hba.conf"), "host all all all scram-sha-256\n", Cancel);
        await StartAsync();
    }

    /// <summary>Begins as a standby of that one instead, which waits for it with each commit from then on.</summary>
    public async Task FollowAsync(PostgresServer primary)
    {
        await PrepareAsync();
        var passfile = Path.Combine(_folder, "standby-passfile");
        Write("standby-passfile", "*:*:*:tester:" + Password);
        await OutputOfAsync("chmod", "600", passfile);
        if (IsRoot)
            await OutputOfAsync("chown", User, passfile);
        await OutputOfAsync("chmod", "700", Data);
        var copy = AsOwner("pg_basebackup");
        await OutputOfAsync(
            copy[0], [.. copy[1..], "-D", Data, "-R", "--checkpoint=fast", "--no-sync", "-d",
            $"host={primary._address} port={primary._port} user=tester passfile={passfile}"]);
        await StartAsync();
        await primary.RunAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await primary.RunAsync("SELECT pg_reload_conf()");
    }

    /// <summary>As in earnest: each commit waits for the disk.</summary>
    public async Task SyncAsync()
    {
        await RunAsync("ALTER SYSTEM SET fsync = on");
        await RunAsync("SELECT pg_reload_conf()");
    }

    public async Task StartAsync()
    {
        string[] arguments =
        [
            "-D", Data, "-k", Data, "-c", $"listen_addresses={_address}", "-c", $"port={_port}",
            "-c", "max_connections=200", "-c", "log_min_messages=fatal",
        ];
        _server = Shell("exec \"$@\" </dev/null >>\"$0\" 2>&1", [LogFile, .. _enter, .. AsOwner("postgres"), .. arguments]);
        _guard = Shell("read -r _; kill -INT $0; sleep 3; kill -KILL $0", [$"{_server.Id}"]);
        var since = Stopwatch.StartNew();
        while (!await IsReadyAsync())
        {
            if (_server.HasExited || since.Elapsed > _patience)
                throw new InvalidOperationException(
                    "PostgreSQL does not start: " + await File.ReadAllTextAsync(LogFile));
            await Task.Delay(50, Cancel);
        }
    }

    /// <summary>It breaks all connections and closes its files in order.</summary>
    public async Task StopAsync()
    {
        _ = Kill(_server!.Id, Interrupt);
        await EndAsync();
    }

    /// <summary>It and all of its processes are killed, as when its machine loses power.</summary>
    public async Task CrashAsync()
    {
        // Stopped, it has no more children than those that are found.
        _ = Kill(_server!.Id, 19);
        var found = await OutputOfAsync("pgrep", "-P", $"{_server.Id}");
        List<int> children = [.. found.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(each => int.Parse(each, null))];
        foreach (var child in children)
            _ = Kill(child, 9);
        _server.Kill();
        await EndAsync();
        // As long as one of them has its memory nobody else starts on its files.
        while (children.Exists(Lives))
            await Task.Delay(5, Cancel);
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
            File.Delete(Path.Combine(Data, "postmaster.pid"));
    }

    private static bool Lives(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1][0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    public async Task<object?> RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Administration);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { HasExited: false })
            await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task PrepareAsync()
    {
        Directory.CreateDirectory(Data);
        Write("passfile", "*:*:*:tester:" + Password);
        Write("password", Password + "\n");
        // Only the data is its own; the way to it has to be open.
        await OutputOfAsync("chmod", "755", _folder);
        await OutputOfAsync("chmod", "600", PasswordFile, Path.Combine(_folder, "passfile"));
        if (IsRoot)
            await OutputOfAsync("chown", User, Data, PasswordFile);
    }

    private static string[] AsOwner(string program)
    {
        var path = Directory.Exists(Installed)
            ? Directory.GetDirectories(Installed)
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin", program))
                .FirstOrDefault(File.Exists)
            : null;
        if (path is null)
            throw new InvalidOperationException($"no {program} below {Installed}: 'make deps' installs PostgreSQL.");

        return IsRoot ? ["setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", path] : [path];
    }

    private static async Task<string> OutputOfAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program}: {await error}");
    }

    private static Process Shell(string script, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script, .. arguments])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        })!;

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            await RunAsync("SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task EndAsync()
    {
        await _server!.WaitForExitAsync(Cancel);
        _guard!.Kill();
        await _guard.WaitForExitAsync(Cancel);
        _server.Dispose();
        _guard.Dispose();
        _server = null;
        NpgsqlConnection.ClearAllPools();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}

/// <summary>Its tests run one after the other: some stop the server.</summary>
[CollectionDefinition(nameof(PostgresServer))]
public sealed class PostgresTests : ICollectionFixture<PostgresServer>;
