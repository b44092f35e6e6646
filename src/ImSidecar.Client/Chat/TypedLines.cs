using System.Threading.Channels;

namespace ImSidecar.Client.Chat;

/// <summary>What a person types, read on a thread of its own, for that cannot be given up.</summary>
internal static class TypedLines
{
    public static ChannelReader<string> Of(TextReader input, Screen screen)
    {
        var lines = Channel.CreateBounded<string>(100);
        Action read = Screen.IsTerminal ? () => ReadKeys(screen, lines.Writer) : () => ReadLines(input, lines.Writer);
        new Thread(() =>
        {
            read();
            lines.Writer.TryComplete();
        })
        {
            IsBackground = true,
        }.Start();
        return lines.Reader;
    }

    private static void ReadLines(TextReader input, ChannelWriter<string> lines)
    {
        while (input.ReadLine() is { } line)
            lines.WriteAsync(line).AsTask().Wait();
    }

    private static void ReadKeys(Screen screen, ChannelWriter<string> lines)
    {
        var typing = new InputLine();
        screen.ShowTyped("");
        while (!typing.IsEnd)
        {
            var line = typing.Press(Console.ReadKey(intercept: true));
            if (line is { Length: > 0 })
            {
                screen.ShowSent(line);
                lines.WriteAsync(line).AsTask().Wait();
            }

            screen.ShowTyped(typing.Text);
        }

        screen.ShowTyped(null);
    }
}
