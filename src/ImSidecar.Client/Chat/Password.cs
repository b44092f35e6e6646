using ImSidecar.Client.Commands;

namespace ImSidecar.Client.Chat;

/// <summary>The user's password: never on the command line, where every user of the machine reads it.</summary>
internal static class Password
{
    public const string Variable = "IMCLIENT_PASSWORD";

    public static string Read(string? file, string user)
    {
        if (file is not null)
            return FirstLine("password-file", file);

        if (Environment.GetEnvironmentVariable(Variable) is { } given)
            return given;

        return Console.IsInputRedirected
            ? throw new UsageException($"no password: --password-file FILE or {Variable}")
            : Ask(user);
    }

    public static string FirstLine(string option, string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            return reader.ReadLine() ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--{option} {file}: {error.Message}");
        }
    }

    // Without echo.
    private static string Ask(string user)
    {
        Console.Error.Write($"Password of {user}: ");
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
