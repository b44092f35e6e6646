using System.Collections.Immutable;
using System.Xml.Linq;

namespace ImSidecar.Protocol.Xdm;

/// <summary>Reads service-list, supported-services, media-list and group-media of XDM extensions.</summary>
internal static class ServiceListReader
{
    public static ServiceList Read(XElement list)
    {
        var except = list.Child(XdmNames.Extensions, "all-services-except");
        var services = (except ?? list).Elements().Where(IsService).Select(ReadService);

        // An exception that we do not know may be ours: then it is no service at all.
        return except is not null && !except.Elements().All(IsService) ? new(false, [])
            : new(except is not null, [.. services]);
    }

    private static bool IsService(XElement element) => element.Is(XdmNames.Extensions, "service");

    public static MediaList ReadMedia(XElement list)
    {
        var except = list.Child(XdmNames.Extensions, "all-media-except");
        return new(
            except is not null,
            [.. (except ?? list).Elements()
                .Where(each => each.Name.NamespaceName is XdmNames.Extensions or XdmNames.Extensions21)
                .Select(each => each.Name.LocalName)]);
    }

    private static ServiceEntry ReadService(XElement service) => new(
        service.Text("enabler") ?? "",
        service.Child(XdmNames.Extensions, "group-media") is { } media ? ReadMedia(media) : null);
}
