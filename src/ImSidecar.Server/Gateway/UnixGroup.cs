using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ImSidecar.Server.Gateway;

/// <summary>A group of this machine, to which a socket file can be given.</summary>
internal static class UnixGroup
{
    private const uint Unchanged = uint.MaxValue;

    // Behind the pointers to name and password in struct group.
    private static readonly int _idOffset = 2 * IntPtr.Size;

    public static bool TryFind(string name, out uint id)
    {
        var entry = GetGroup(name);
        id = entry == IntPtr.Zero ? 0 : (uint)Marshal.ReadInt32(entry, _idOffset);
        return entry != IntPtr.Zero;
    }

    /// <summary>False, with the reason, when this process may not, or there is no such group.</summary>
    public static bool TryGive(string file, string name, out string reason)
    {
        reason = "there is no such group";
        if (!TryFind(name, out var id))
            return false;

        var isGiven = ChangeOwner(file, Unchanged, id) == 0;
        reason = isGiven ? "" : new Win32Exception(Marshal.GetLastPInvokeError()).Message;
        return isGiven;
    }

    [DllImport("libc", EntryPoint = "getgrnam")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr GetGroup([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport("libc", EntryPoint = "lchown", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ChangeOwner(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string file, uint owner, uint group);
}
