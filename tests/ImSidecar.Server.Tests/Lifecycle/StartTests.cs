using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred.Sqlite;
using ImSidecar.Server.Stores.Sqlite;
using ImSidecar.Server.Tests.Grpc;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>What keeps the program from starting, or Kamailio from attaching, is one clear line.</summary>
public sealed class StartTests : IDisposable
{
    private readonly RunOfSidecar _sidecar = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _sidecar.Dispose();

    [Theory]
    [InlineData("imsidecar.db", "Store:Path")]
    [InlineData("deferred.db", "DeferredStore:Connection")]
    public async Task A_store_of_a_newer_release_is_left_alone(string name, string key)
    {
        var file = _sidecar.PathOf(name);
        SqliteDatabase.Open(file, name[0] == 'i' ? SqliteSchema.Format : SqliteDeferredSchema.Format).Dispose();
        Run(file, "PRAGMA user_version = 999");

        var (code, _, errors) = await _sidecar.ToEndAsync();

        Assert.Equal(ExitCode.Configuration, code);
        Assert.StartsWith(
            $"imsidecar: {key}: cannot use {file}: it was written by a newer release (schema 999, this release knows up to ",
            Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_another_process_uses_is_not_shared()
    {
        using var owner = SqliteDatabase.Open(_sidecar.PathOf("imsidecar.db"));

        var (code, _, errors) = await _sidecar.ToEndAsync();

        Assert.Equal(ExitCode.Unavailable, code);
        Assert.Equal(
            $"imsidecar: Store:Path: cannot use {_sidecar.PathOf("imsidecar.db")}: another process uses it"
                + $" (configuration: {_sidecar.File})",
            Assert.Single(errors));
    }

    [Fact]
    public async Task A_module_of_another_release_is_told_both_versions_and_the_log_says_so_once()
    {
        using var process = _sidecar.Start();
        using var module = await ModuleAsync();
        var hello = new SipEventBatch
        {
            Events =
            {
                new SipEvent
                {
                    Hello = new() { ProtocolVersion = 7, Instance = "proxy1", BootId = "b", KamailioVersion = "5.6.3" },
                },
            },
        };
        for (var i = 0; i < 3; i++)
        {
            using var answer = await AttachAsync(module, RawClient.Frame(hello));
            Assert.Equal(9, RawClient.Status(answer));
            Assert.StartsWith(
                "The module speaks version 7 of the contract, the sidecar ", RawClient.Message(answer), StringComparison.Ordinal);
            Assert.EndsWith(" speaks 1: install both of one release", RawClient.Message(answer), StringComparison.Ordinal);
        }

        using (var kill = Process.Start("kill", [process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.Single(
            output.Split('\n'),
            line => line.Contains("Kamailio proxy1 (5.6.3) is not let in: The module speaks version 7", StringComparison.Ordinal));
    }

    [Fact]
    public void What_may_pass_has_another_code_than_what_is_wrong()
    {
        Assert.Equal(ExitCode.Unavailable, StartTrouble.Of(new IOException("full"))?.Code);
        Assert.Equal(ExitCode.Unavailable, StartTrouble.Of(new UnauthorizedAccessException())?.Code);
        Assert.Equal(ExitCode.Unavailable, StartTrouble.Of(new SocketException())?.Code);
        Assert.Equal(ExitCode.Unavailable, StartTrouble.Of(new StoreUnavailableException("locked"))?.Code);

        var wrong = new OptionsValidationException("", typeof(string), ["Store:Path is wrong"]);
        Assert.Equal(ExitCode.Configuration, StartTrouble.Of(wrong)?.Code);
        Assert.Equal(
            new("full; Store:Path is wrong", ExitCode.Configuration),
            StartTrouble.Of(new AggregateException(new IOException("full"), wrong)));
        Assert.Null(StartTrouble.Of(new OperationCanceledException()));
        Assert.Null(StartTrouble.Of(new AggregateException(wrong, new InvalidOperationException())));
    }

    private async Task<RawClient> ModuleAsync()
    {
        await _sidecar.UntilListensAsync();
        return RawClient.Over(_sidecar.PathOf("gateway.sock"));
    }

    private static Task<HttpResponseMessage> AttachAsync(RawClient module, byte[] frame)
    {
        var request = RawClient.Request("Attach", new ByteArrayContent(frame));
        request.RequestUri = new("/imsidecar.v1.SipGateway/Attach", UriKind.Relative);
        return module.SendAsync(request, HttpCompletionOption.ResponseContentRead);
    }

    private static void Run(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
