using System.Collections.Immutable;
using System.Globalization;
using System.Xml;

namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>
/// Reads the elements of RFC 4575 that we use and passes over the others; false means beyond a limit.
/// </summary>
internal sealed class ConferenceInfoReader(XmlReader reader)
{
    public bool TryRead(out ConferenceInfo info)
    {
        info = null!;
        reader.MoveToContent();
        if (!reader.IsStartElement("conference-info", ConferenceInfoXml.Namespace)
            || reader.GetAttribute("entity") is not { Length: > 0 } entity
            || !TryReadState(out var state)
            || !TryReadVersion(out var version))
            return false;

        var read = new ConferenceInfo { Entity = entity, State = state, Version = version };
        var isGood = ForEachChild(name =>
        {
            switch (name)
            {
                case "conference-description":
                    read = read with { Description = ReadDescription() };
                    return true;

                case "conference-state":
                    read = read with { ConferenceState = ReadConferenceState() };
                    return true;

                case "users":
                    var isUsable = TryReadUsers(out var users);
                    read = read with { Users = users };
                    return isUsable;

                default:
                    reader.Skip();
                    return true;
            }
        });

        // To the end, so that text behind the root is refused.
        while (reader.Read())
            isGood &= reader.Depth == 0;

        info = read;
        return isGood;
    }

    private ConferenceDescription ReadDescription()
    {
        var read = new ConferenceDescription();
        ForEachText((name, text) => read = name switch
        {
            "display-text" => read with { DisplayText = text },
            "subject" => read with { Subject = text },
            "free-text" => read with { FreeText = text },
            "maximum-user-count" => read with { MaximumUserCount = ReadNumber(text) },
            _ => read,
        });
        return read;
    }

    private ConferenceState ReadConferenceState()
    {
        var read = new ConferenceState();
        ForEachText((name, text) => read = name switch
        {
            "user-count" => read with { UserCount = ReadNumber(text) },
            "active" => read with { Active = ReadBoolean(text) },
            "locked" => read with { Locked = ReadBoolean(text) },
            _ => read,
        });
        return read;
    }

    private bool TryReadUsers(out ConferenceUsers users)
    {
        var list = ImmutableArray.CreateBuilder<ConferenceUser>();
        var isGood = TryReadState(out var state) && ForEachChild(name =>
        {
            if (name != "user")
            {
                reader.Skip();
                return true;
            }

            if (list.Count == ConferenceInfoXml.MaxUsers || !TryReadUser(out var user))
                return false;

            list.Add(user);
            return true;
        });

        users = new(state, list.ToImmutable());
        return isGood;
    }

    private bool TryReadUser(out ConferenceUser user)
    {
        var endpoints = ImmutableArray.CreateBuilder<ConferenceEndpoint>(1);
        user = null!;
        if (reader.GetAttribute("entity") is not { Length: > 0 } entity || !TryReadState(out var state))
            return false;

        string? displayText = null;
        var isGood = ForEachChild(name =>
        {
            if (name == "display-text")
            {
                displayText = reader.ReadElementContentAsString();
                return true;
            }

            if (name != "endpoint")
            {
                reader.Skip();
                return true;
            }

            if (endpoints.Count == ConferenceInfoXml.MaxEndpoints || !TryReadEndpoint(out var endpoint))
                return false;

            endpoints.Add(endpoint);
            return true;
        });

        user = new(entity, endpoints.ToImmutable()) { State = state, DisplayText = displayText };
        return isGood;
    }

    private bool TryReadEndpoint(out ConferenceEndpoint endpoint)
    {
        endpoint = null!;
        if (reader.GetAttribute("entity") is not { Length: > 0 } entity || !TryReadState(out var state))
            return false;

        var read = new ConferenceEndpoint(entity) { State = state };
        ForEachText((name, text) => read = name switch
        {
            "display-text" => read with { DisplayText = text },
            "status" => read with { Status = ConferenceNames.Find<EndpointStatus>(text) },
            "joining-method" => read with { JoiningMethod = ConferenceNames.Find<JoiningMethod>(text) },
            "disconnection-method" => read with
            {
                DisconnectionMethod = ConferenceNames.Find<DisconnectionMethod>(text),
            },
            _ => read,
        });
        endpoint = read;
        return true;
    }

    private bool TryReadState(out ElementState state)
    {
        var word = reader.GetAttribute("state");
        var found = word is null ? ElementState.Full : ConferenceNames.Find<ElementState>(word);
        state = found.GetValueOrDefault();
        return found is not null;
    }

    private bool TryReadVersion(out uint version)
    {
        var text = reader.GetAttribute("version");
        version = ReadNumber(text ?? "0").GetValueOrDefault();
        return text is null || ReadNumber(text) is not null;
    }

    private static uint? ReadNumber(string text) =>
        uint.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool? ReadBoolean(string text) => text.Trim() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => null,
    };

    /// <summary>Calls for each child of our namespace; what is called leaves the reader behind that child.</summary>
    private bool ForEachChild(Func<string, bool> read)
    {
        var depth = reader.Depth;
        var isEmpty = reader.IsEmptyElement;
        reader.Read();

        while (!isEmpty && reader.Depth > depth)
        {
            if (reader.NodeType != XmlNodeType.Element)
                reader.Read();
            else if (reader.NamespaceURI != ConferenceInfoXml.Namespace)
                reader.Skip();
            else if (!read(reader.LocalName))
                return false;
        }

        if (!isEmpty)
            reader.Read();

        return true;
    }

    /// <summary>Calls for each child that holds text only.</summary>
    private void ForEachText(Action<string, string> take) => ForEachChild(name =>
    {
        var isText = name is "display-text" or "subject" or "free-text" or "maximum-user-count"
            or "user-count" or "active" or "locked" or "status" or "joining-method" or "disconnection-method";
        if (isText)
            take(name, reader.ReadElementContentAsString());
        else
            reader.Skip();

        return true;
    });
}
