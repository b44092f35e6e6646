using System.Diagnostics;

namespace ImSidecar.EndToEnd.Tests.Xdm;

/// <summary>Users of HTTP Digest, in files as htdigest writes them; the password is "wonderland".</summary>
internal static class XcapUsers
{
    public static string Sha256 { get; } = Write("sha256sum");

    public static string Md5 { get; } = Write("md5sum");

    private static string Write(string program)
    {
        var file = Path.Combine(Path.GetTempPath(), $"imsidecar-users-{program}-{Environment.ProcessId}");
        File.WriteAllLines(file, [Line("alice", program), Line("bob", program)]);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(file);
        return file;
    }

    // By another program than ours.
    private static string Line(string user, string program)
    {
        using var hash = Process.Start(new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        hash.StandardInput.Write($"{user}:example.com:wonderland");
        hash.StandardInput.Close();
        return $"{user}:example.com:{hash.StandardOutput.ReadToEnd().Split(' ')[0]}";
    }
}
