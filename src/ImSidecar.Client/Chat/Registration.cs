using System.Globalization;
using ImSidecar.Client.Sip;

namespace ImSidecar.Client.Chat;

/// <summary>Keeps the user registered, RFC 3261 10.2.4, and takes him out at the end.</summary>
internal sealed class Registration(Handset handset, Screen screen) : IAsyncDisposable
{
    private const int Seconds = 600;
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(4);

    private readonly CancellationTokenSource _closed = new();
    private Task _keeping = Task.CompletedTask;
    private bool _isIn;

    /// <summary>The first answer; who is registered stays so.</summary>
    public async Task<SipMessage> StartAsync()
    {
        var answer = await handset.RegisterAsync(Seconds);
        _isIn = answer.IsSuccess;
        if (_isIn)
            _keeping = KeepAsync(Granted(answer));
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closed.Dispose();
        if (_isIn)
            await Task.WhenAny(handset.RegisterAsync(0), Task.Delay(_patience));
    }

    private async Task KeepAsync(TimeSpan pause)
    {
        while (true)
        {
            await Task.Delay(pause, _closed.Token);
            var answer = await handset.RegisterAsync(Seconds);
            if (!answer.IsSuccess)
                screen.Warn($"not registered any more: {Refusal.Of(answer)}; trying again");
            pause = answer.IsSuccess ? Granted(answer) : _pause;
        }
    }

    // The registrar may grant less, in the Contact that is ours or for all.
    private TimeSpan Granted(SipMessage answer)
    {
        var ours = answer.List("Contact")
            .FirstOrDefault(each => each.Contains(handset.ContactUri, StringComparison.Ordinal));
        var told = ours is null ? null : SipMessage.Parameter(ours[(ours.IndexOf('>') + 1)..], "expires");
        told ??= answer["Expires"];
        var seconds = int.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out var granted)
            ? granted : Seconds;
        return TimeSpan.FromSeconds(Math.Max(5, seconds * 0.8));
    }
}
