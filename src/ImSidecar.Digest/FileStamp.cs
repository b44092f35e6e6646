namespace ImSidecar.Digest;

/// <summary>Looks for changes of files that may be links, as deployments that swap a whole folder have them.</summary>
public static class FileStamp
{
    /// <summary>The file behind the path, at the end of all links; what is not there is as the path says.</summary>
    public static FileInfo Target(string path)
    {
        var file = new FileInfo(path);
        try
        {
            return file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        }
        catch (IOException)
        {
            // A circle of links, or gone meanwhile.
            return file;
        }
    }
}
