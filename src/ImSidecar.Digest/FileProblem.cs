namespace ImSidecar.Digest;

/// <summary>Why a file that an operator names cannot be read, in words for him.</summary>
public static class FileProblem
{
    /// <summary>Null: it can be read.</summary>
    public static string? Of(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Of(path, error);
        }
    }

    /// <summary>What an attempt to read it says.</summary>
    public static string Of(string path, Exception error) => error switch
    {
        _ when Directory.Exists(path) => "is a folder",
        FileNotFoundException or DirectoryNotFoundException => "does not exist",
        UnauthorizedAccessException => "may not be read by this user",
        _ => "cannot be read: " + error.Message,
    };
}
