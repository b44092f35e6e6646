using ImSidecar.Client.Blocking;

namespace ImSidecar.Client.Commands;

/// <summary>Where the command line says that the block list is: --block-list, --xcap or both.</summary>
internal sealed record BlockListSource(BlockList Local, XcapAccess? Xcap)
{
    public static BlockListSource Read(CommandLine line, HandsetOptions handset) =>
        new(LocalOf(line.Find("block-list")), XcapOf(line, handset));

    /// <summary>With the password of SIP, if the XDMS has none of its own.</summary>
    public BlockListSource With(string password) =>
        Xcap is { Password.Length: 0 } ? this with { Xcap = Xcap with { Password = password } } : this;

    private static BlockList LocalOf(string? file) =>
        file is null ? BlockList.Empty
        : BlockListFile.TryRead(file, out var blocked, out var error) ? blocked
        : throw new UsageException($"--block-list {file}: {error}");

    private static XcapAccess? XcapOf(CommandLine line, HandsetOptions handset)
    {
        var (root, header, file) = (line.Find("xcap"), line.Find("xcap-identity"), line.Find("xcap-password-file"));
        if (root is null)
        {
            return header is null && file is null ? null
                : throw new UsageException("--xcap-identity and --xcap-password-file go with --xcap");
        }

        return Uri.TryCreate(root, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new()
            {
                Root = uri,
                User = handset.AddressOfRecord,
                Name = handset.User,
                Password = file is null ? "" : Chat.Password.FirstLine("xcap-password-file", file),
                IdentityHeader = header,
            }
            : throw new UsageException($"--xcap {root} is no http or https URI");
    }
}
