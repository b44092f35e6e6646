using ImSidecar.Admin.V1;

namespace ImSidecar.Cli.Doctor;

/// <summary>What was promised can be kept: both stores can be written, and there is room.</summary>
internal static class StoreCheck
{
    private const string Deferred = "DeferredStore:Connection";
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

        foreach (var (key, path) in Files(it).DistinctBy(each => Path.GetDirectoryName(each.Path)))
        {
            if (Room(key, path) is { } room)
                yield return room;
        }
    }

    // The deferred store may have a disk of its own; that of PostgreSQL is not seen from here.
    private static IEnumerable<(string Key, string Path)> Files(Installation it)
    {
        const string file = "Data Source=";
        if (it.Status?.Store is { } store)
        {
            if (store.Kind == "sqlite")
                yield return ("Store:Path", store.Path);
        }
        else if (it.Settings["Store:Connection"].Length == 0)
        {
            yield return ("Store:Path", it.Settings["Store:Path"]);
        }

        if (it.Status?.DeferredStore is { } deferred)
        {
            if (deferred.Kind == "sqlite")
                yield return (Deferred, deferred.Path);
        }
        else if (it.Settings[Deferred].StartsWith(file, StringComparison.OrdinalIgnoreCase))
        {
            yield return (Deferred, it.Settings[Deferred][file.Length..].Trim(';', '"', ' '));
        }
    }

    private static Finding Writes(string check, StoreStatus store) => store.Failing
        ? Finding.Fail(
            check, $"{store.Kind} {store.Path} cannot be written",
            store.Kind == "sqlite"
                ? "make room on its disk, or mend its rights (owner imsidecar); it recovers by itself"
                : "is PostgreSQL running and not read-only? It recovers by itself")
        : Finding.Ok(check, $"{store.Kind} {store.Path} is written");

    private static Finding? Room(string key, string path)
    {
        const string check = "disk";
        if (Path.GetDirectoryName(path) is not { Length: > 0 } folder)
            return null;

        if (!Directory.Exists(folder))
            return Finding.Fail(
                check, $"{folder} (of {key}) is not there, or hidden from this user",
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
