using System.Text.RegularExpressions;
using ImSidecar.Core.Conferences;

namespace ImSidecar.EndToEnd.Tests.Cluster.Split;

/// <summary>
/// Looks all the time what each node itself believes to own, by a way that is never cut: together never more than there is.
/// </summary>
internal sealed partial class TwoOwners(SplitProfile profile) : IAsyncDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly List<string> _faults = [];
    private Task _looking = Task.CompletedTask;

    public int Looks { get; private set; }

    /// <summary>To be read when it has ended.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public void Begin() => _looking = Task.Run(LookAsync);

    /// <summary>What the node believes: its epoch, and how many slots are its own.</summary>
    public static async Task<(long Epoch, int Held)> AskAsync(ClusterNode node)
    {
        var text = await node.Http.GetStringAsync("/metrics");
        return ((long)Value("epoch"), (int)Value("slots_owned"));

        double Value(string name) => double.Parse(
            Sample().Matches(text).First(each => each.Groups[1].Value == name).Groups[2].Value,
            System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _looking;
        _end.Dispose();
    }

    private async Task LookAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            // One before and after the other: what it had at both times, without another epoch, it had when the other was asked.
            var before = await AskAsync(profile.East);
            var west = await AskAsync(profile.West);
            var after = await AskAsync(profile.East);
            Looks++;
            if (before == after && before.Held + west.Held > Slot.Count)
                _faults.Add($"{DateTime.Now:HH:mm:ss.fff}: east has {before.Held} slots and west {west.Held}");

            await Task.Delay(_pause, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [GeneratedRegex(@"^imsidecar_cluster_(epoch|slots_owned)(?:\{[^}]*\})? ([0-9.e+]+)", RegexOptions.Multiline)]
    private static partial Regex Sample();
}
