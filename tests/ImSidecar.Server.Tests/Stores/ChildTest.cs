using System.Diagnostics;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>One test of this assembly in a process of its own, to be killed; a variable tells it that it is that one.</summary>
internal static class ChildTest
{
    public static Process Start(Type test, string method, string variable, string value)
    {
        var self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[variable] = value;
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
            start.ArgumentList.Add(test.Assembly.Location);
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add($"{test.FullName}.{method}");

        var child = Process.Start(start)!;
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return child;
    }
}
