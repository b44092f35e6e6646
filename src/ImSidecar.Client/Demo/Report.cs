namespace ImSidecar.Client.Demo;

/// <summary>Prints the scene: for each step what went over the wire and whether it went as it should.</summary>
internal static class Report
{
    /// <summary>Says on a terminal which step is being played; the capture is shown when all is over.</summary>
    public static void ShowProgress(string title)
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write($"\r\x1b[K{(title.Length > 0 ? "playing: " : "")}{title}");
    }

    public static void Print(
        TextWriter output, IReadOnlyList<DemoStep> steps, IReadOnlyList<WireMessage> messages, Cast cast)
    {
        var start = messages.Count > 0 ? messages[0].At : DateTimeOffset.UtcNow;
        var next = 0;
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            var ladder = new Ladder(step.Players);
            output.WriteLine();
            output.WriteLine(Paint($"{i + 1}. {step.Title}", 1));
            var isLast = i == steps.Count - 1;
            var drawn = 0;
            for (; next < messages.Count && (isLast || messages[next].At <= step.Ended); next++)
            {
                if (cast.Of(messages[next]) is not var (from, to) || !ladder.Has(from) || !ladder.Has(to))
                    continue;

                if (drawn++ == 0)
                    output.WriteLine(ladder.Head());
                var message = messages[next];
                output.WriteLine(ladder.Arrow(message.At - start, from, to, message.Label, Notes.Of(message)));
            }

            foreach (var remark in step.Remarks)
                output.WriteLine($"   {remark}");
            output.WriteLine(step.IsOk ? Paint("   ok", 32) : Paint($"   FAILED: {step.Failure}", 31));
        }
    }

    public static void PrintSummary(TextWriter output, IReadOnlyList<DemoStep> steps, int planned, int messages)
    {
        var failed = steps.Count(step => !step.IsOk);
        var skipped = planned - steps.Count;
        output.WriteLine();
        output.WriteLine(failed == 0 && skipped == 0
            ? Paint($"demo: all {planned} steps ok, {messages} messages on the wire", 32)
            : Paint($"demo: FAILED, {steps.Count - failed} of {planned} steps ok, {skipped} not reached", 31));
    }

    private static string Paint(string text, int colour) =>
        Console.IsOutputRedirected ? text : $"\x1b[{colour}m{text}\x1b[0m";
}
