using System.Collections.Concurrent;
using System.Text;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Tests.Grpc;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Xdm;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Tests.Xdm.Remote;

/// <summary>Our client beside an XDMS that does as told, and a clock that a test moves.</summary>
internal sealed class RemoteWorld : IAsyncDisposable
{
    public static readonly DocumentSelector Group = DocumentSelector.OfGroup("sip:skiers@groups.example.com");
    public static readonly DocumentSelector List =
        new(ApplicationUsage.ResourceLists, "sip:alice@example.com", "index");

    private readonly LoggerFactory _loggers;

    private readonly DocumentMemory? _memory;

    public RemoteWorld(
        Func<XcapClientOptions, XcapClientOptions>? with = null,
        bool watched = false,
        IRemoteDocumentStore? store = null,
        ManualTime? time = null)
    {
        Time = time ?? new();
        _loggers = new([Log]);
        Options = new XcapClientOptions { Root = Xdms.Root.AbsoluteUri, Retries = 0 };
        Options = with?.Invoke(Options) ?? Options;
        Watch = watched ? new() : null;
        Health = new(Time, _loggers.CreateLogger<XdmsHealth>());
        Remote = new(Options, Health, Time);
        _memory = store is null
            ? null
            : new(store, Options with { Root = "http://xdms/" }, Time, _loggers.CreateLogger<DocumentMemory>());
        Documents = new(Options, Remote, Health, Time, _loggers.CreateLogger<RemoteDocuments>(), Watch, _memory);
        _memory?.StartAsync(CancellationToken.None);
        Documents.Changed += Changes.Enqueue;
    }

    public ScriptedXdms Xdms { get; } = new();

    public ManualTime Time { get; }

    public XcapClientOptions Options { get; }

    public CollectedLog Log { get; } = new();

    public FakeWatch? Watch { get; }

    public XdmsHealth Health { get; }

    public RemoteDocuments Documents { get; }

    public ConcurrentQueue<DocumentSelector> Changes { get; } = [];

    public RemoteXdms Remote { get; }

    public bool IsLeftAlone => Remote.IsLeftAlone;

    public Task<XdmDocument?> ReadAsync(DocumentSelector? selector = null) =>
        InTimeAsync(Documents.ReadAsync(selector ?? Group, TestContext.Current.CancellationToken).AsTask());

    public async Task<string?> ReadTextAsync(DocumentSelector? selector = null) =>
        await ReadAsync(selector) is { } document ? Encoding.UTF8.GetString(document.Content.Span) : null;

    /// <summary>Why there is neither a document nor none.</summary>
    public async Task<string> ReadFailureAsync(DocumentSelector? selector = null) =>
        (await Assert.ThrowsAsync<XdmUnavailableException>(() => ReadAsync(selector))).Message;

    public Task SweepAsync() => InTimeAsync(SweepOnceAsync());

    /// <summary>Lets time pass while the task has not ended: what waits for it gives up, or tries again.</summary>
    public async Task<T> PassTimeAsync<T>(Task<T> task)
    {
        for (var step = 0; !task.IsCompleted && step < 2000; step++)
        {
            // The time of a GET is taken by this clock: it is not over before the GET has come, unless nobody listens there.
            if (Xdms.Requests.Count >= Remote.Sent || Options.Root != Xdms.Root.AbsoluteUri)
                Time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(1);
        }

        return await InTimeAsync(task);
    }

    /// <summary>What happens behind the reader's back has happened.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        for (var step = 0; !holds(); step++)
        {
            Assert.True(step < 2000, "It did not come.");
            await Task.Delay(5);
        }
    }

    /// <summary>The node stops: what waits is written.</summary>
    public Task StopAsync() => _memory?.StopAsync(CancellationToken.None) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Documents.Dispose();
        Remote.Dispose();
        _loggers.Dispose();
        await Xdms.DisposeAsync();
    }

    private async Task<bool> SweepOnceAsync()
    {
        await Documents.SweepAsync(8, TestContext.Current.CancellationToken);
        return true;
    }

    private static Task<T> InTimeAsync<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(20));
}
