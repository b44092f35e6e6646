using System.Globalization;
using System.Xml;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>Writes the elements of RFC 4575 in the order of its schema.</summary>
internal static class ConferenceInfoWriter
{
    public static void Write(XmlWriter writer, ConferenceInfo info)
    {
        writer.WriteStartElement("conference-info", ConferenceInfoXml.Namespace);
        writer.WriteAttributeString("xmlns", ConferenceInfoXml.Namespace);
        WriteEntity(writer, info.Entity, info.State);
        writer.WriteAttributeString("version", info.Version.ToString(CultureInfo.InvariantCulture));

        if (info.Description is { } description)
            WriteDescription(writer, description);

        if (info.ConferenceState is { } state)
            WriteState(writer, state);

        if (info.Users is { } users)
        {
            Start(writer, "users");
            writer.WriteAttributeString("state", ConferenceNames.Of(users.State));
            foreach (var user in users.List)
                WriteUser(writer, user);

            writer.WriteEndElement();
        }

        writer.WriteEndElement();
    }

    private static void WriteDescription(XmlWriter writer, ConferenceDescription description)
    {
        Start(writer, "conference-description");
        WriteText(writer, "display-text", description.DisplayText);
        WriteText(writer, "subject", description.Subject);
        WriteText(writer, "free-text", description.FreeText);
        WriteText(writer, "maximum-user-count", description.MaximumUserCount?.ToString(CultureInfo.InvariantCulture));
        writer.WriteEndElement();
    }

    private static void WriteState(XmlWriter writer, ConferenceState state)
    {
        Start(writer, "conference-state");
        WriteText(writer, "user-count", state.UserCount?.ToString(CultureInfo.InvariantCulture));
        WriteText(writer, "active", state.Active is { } active ? XmlConvert.ToString(active) : null);
        WriteText(writer, "locked", state.Locked is { } locked ? XmlConvert.ToString(locked) : null);
        writer.WriteEndElement();
    }

    private static void WriteUser(XmlWriter writer, ConferenceUser user)
    {
        Start(writer, "user");
        WriteEntity(writer, user.Entity, user.State);
        WriteText(writer, "display-text", user.DisplayText);
        foreach (var endpoint in user.Endpoints)
            WriteEndpoint(writer, endpoint);

        writer.WriteEndElement();
    }

    private static void WriteEndpoint(XmlWriter writer, ConferenceEndpoint endpoint)
    {
        Start(writer, "endpoint");
        WriteEntity(writer, endpoint.Entity, endpoint.State);
        WriteText(writer, "display-text", endpoint.DisplayText);
        WriteWord(writer, "status", endpoint.Status);
        WriteWord(writer, "joining-method", endpoint.JoiningMethod);
        WriteWord(writer, "disconnection-method", endpoint.DisconnectionMethod);
        writer.WriteEndElement();
    }

    private static void Start(XmlWriter writer, string name) =>
        writer.WriteStartElement(name, ConferenceInfoXml.Namespace);

    private static void WriteEntity(XmlWriter writer, string entity, ElementState state)
    {
        writer.WriteAttributeString("entity", XmlBody.Clean(entity));
        writer.WriteAttributeString("state", ConferenceNames.Of(state));
    }

    private static void WriteText(XmlWriter writer, string name, string? text)
    {
        if (text is not null)
            writer.WriteElementString(name, ConferenceInfoXml.Namespace, XmlBody.Clean(text));
    }

    private static void WriteWord<T>(XmlWriter writer, string name, T? value)
        where T : struct, Enum =>
        WriteText(writer, name, value is { } word ? ConferenceNames.Of(word) : null);
}
