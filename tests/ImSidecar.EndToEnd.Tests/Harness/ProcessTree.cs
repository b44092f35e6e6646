using System.Globalization;
using System.Runtime.InteropServices;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>A process with all that it forked, and SIGSTOP for them.</summary>
internal static class ProcessTree
{
    private const int Continue = 18;
    private const int Stop = 19;

    /// <summary>SIGSTOP until the result is disposed of.</summary>
    public static IDisposable Freeze(IEnumerable<int> processes) => new Frozen([.. processes]);

    public static IReadOnlyList<int> Of(int root)
    {
        List<int> all = [root];
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(folder => Path.GetFileName(folder))
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
            .Select(name => (Id: int.Parse(name, CultureInfo.InvariantCulture), Parent: ParentOf(name)))
            .ToList();
        for (var i = 0; i < all.Count; i++)
            all.AddRange(parents.Where(each => each.Parent == all[i]).Select(each => each.Id));
        return all;
    }

    /// <summary>Kamailio's processes have one thread each, but for the link, which runs gRPC.</summary>
    public static int LinkOf(int kamailio) => Of(kamailio)
        .MaxBy(process => Directory.EnumerateDirectories($"/proc/{process}/task").Count());

    private static int ParentOf(string process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static bool HasStopped(int process) =>
        Directory.EnumerateDirectories($"/proc/{process}/task").All(thread => StateOf(thread) is 'T' or 't' or 'Z');

    private static char StateOf(string thread)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(thread, "stat"));
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return 'Z';
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);

    private sealed class Frozen : IDisposable
    {
        private readonly IReadOnlyList<int> _processes;

        public Frozen(IReadOnlyList<int> processes)
        {
            _processes = processes;
            foreach (var process in processes)
                _ = Kill(process, Stop);

            // The signal is only on its way: a thread that runs has the time to answer another request.
            if (!SpinWait.SpinUntil(() => processes.All(HasStopped), TimeSpan.FromSeconds(5)))
                throw new TimeoutException("SIGSTOP has not stopped everything.");
        }

        public void Dispose()
        {
            foreach (var process in _processes)
                _ = Kill(process, Continue);
        }
    }
}
