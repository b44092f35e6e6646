using ImSidecar.Admin.V1;

namespace ImSidecar.Cli.Doctor;

/// <summary>What was promised can be kept: both stores can be written, and there is room.</summary>
internal static class StoreCheck
{
    private const long Mebibyte = 1 << 20;
    private const long TooLittle = 64 * Mebibyte;
    private const long Little = 1024 * Mebibyte;

    public static IEnumerable<Finding> Run(Installation it)
    {
        if (it.Status is { } status)
        {
            yield return Writes("store", status.Store);
            yield return Writes("deferred store", status.DeferredStore);
        }

        if (Room(it.Status?.Store.Path ?? it.Settings["Store:Path"]) is { } room)
            yield return room;
    }

    private static Finding Writes(string check, StoreStatus store) => store.Failing
        ? Finding.Fail(
            check, $"{store.Kind} {store.Path} cannot be written",
            store.Kind == "sqlite"
                ? "make room on its disk, or mend its rights (owner imsidecar); it recovers by itself"
                : "is PostgreSQL running and not read-only? It recovers by itself")
        : Finding.Ok(check, $"{store.Kind} {store.Path} is written");

    private static Finding? Room(string path)
    {
        const string check = "disk";
        if (Path.GetDirectoryName(path) is not { Length: > 0 } folder)
            return null;

        if (!Directory.Exists(folder))
            return Finding.Fail(
                check, $"{folder} (of Store:Path) is not there, or hidden from this user",
                $"mkdir {folder}; chown imsidecar: {folder}");

        try
        {
            var free = new DriveInfo(folder).AvailableFreeSpace;
            var text = $"{free / Mebibyte} MiB are free for {path}";
            return free < TooLittle ? Finding.Fail(check, text, $"make room on the disk of {folder}")
                : free < Little ? Finding.Warn(check, text, $"make room on the disk of {folder}")
                : Finding.Ok(check, text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Finding.Warn(check, failure.Message, "run it as root");
        }
    }
}
