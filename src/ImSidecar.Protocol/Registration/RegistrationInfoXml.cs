using System.Collections.Immutable;
using System.Globalization;
using System.Xml;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Protocol.Registration;

/// <summary>application/reginfo+xml, RFC 3680 5; feature tags as unknown-param, as 3GPP TS 24.229 5.4.2.1.2 has them.</summary>
public static class RegistrationInfoXml
{
    public const string MediaType = "application/reginfo+xml";
    public const string Namespace = "urn:ietf:params:xml:ns:reginfo";
    public const int MaxBytes = 256 * 1024;
    public const int MaxDepth = 16;
    public const int MaxAddresses = 100;
    public const int MaxContacts = 200;
    public const int MaxTags = 64;
    public const int MaxText = 2048;

    /// <summary>The error holds nothing of the peer's.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> body, out RegistrationInfo info, out string error)
    {
        info = null!;
        if (body.Length > MaxBytes)
        {
            error = "reginfo document too large";
            return false;
        }

        try
        {
            using var reader = XmlBody.Open(body);
            error = new Reading(reader).Read(out info) ?? "";
        }
        catch (XmlException)
        {
            error = "reginfo document is not well-formed XML without DTD";
        }

        return error.Length == 0;
    }

    private sealed class Reading(XmlReader reader)
    {
        private readonly ImmutableArray<RegisteredAddress>.Builder _addresses =
            ImmutableArray.CreateBuilder<RegisteredAddress>();

        private readonly ImmutableArray<ContactInfo>.Builder _contacts = ImmutableArray.CreateBuilder<ContactInfo>();
        private readonly ImmutableArray<string>.Builder _tags = ImmutableArray.CreateBuilder<string>();
        private (string Address, bool IsActive)? _address;
        private (bool IsActive, int? Expires)? _contact;
        private string? _uri;
        private int _count;

        /// <summary>Reads to the end of the document; the error, or null.</summary>
        public string? Read(out RegistrationInfo info)
        {
            info = null!;
            reader.MoveToContent();
            if (!reader.IsStartElement("reginfo", Namespace)
                || !long.TryParse(
                    reader.GetAttribute("version"), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                || reader.GetAttribute("state") is not ("full" or "partial"))
                return "Not a reginfo document";

            var isFull = reader.GetAttribute("state") == "full";
            var more = reader.Read();
            while (more)
            {
                if (reader.Depth > MaxDepth)
                    return "reginfo document is nested too deeply";

                // Text is read with its element; the reader stands behind it then.
                var isRead = false;
                if (reader.NodeType == XmlNodeType.Element && reader.NamespaceURI == Namespace
                    && Take(out isRead) is { } error)
                    return error;

                if (!isRead)
                    more = reader.Read();
                else
                    more = !reader.EOF;
            }

            EndAddress();
            info = new(version, isFull, _addresses.ToImmutable());
            return null;
        }

        private string? Take(out bool isRead)
        {
            isRead = false;
            switch (reader.Depth, reader.LocalName)
            {
                case (1, "registration"):
                    EndAddress();
                    if (_addresses.Count == MaxAddresses)
                        return "reginfo document names too many addresses";

                    if (reader.GetAttribute("aor") is not { Length: > 0 and <= MaxText } address)
                        return "A registration has no address of record";

                    _address = (address.Trim(), reader.GetAttribute("state") == "active");
                    return null;
                case (2, "contact") when _address is not null:
                    EndContact();
                    if (++_count > MaxContacts)
                        return "reginfo document names too many contacts";

                    _contact = (reader.GetAttribute("state") == "active", Seconds(reader.GetAttribute("expires")));
                    return null;
                case (3, "uri") when _contact is not null:
                    isRead = true;
                    _uri = Text();
                    return null;
                case (3, "unknown-param") when _contact is not null:
                    isRead = true;
                    TakeTag(reader.GetAttribute("name")?.Trim() ?? "", Text());
                    return null;
                default:
                    return null;
            }
        }

        private void TakeTag(string name, string value)
        {
            if (name is ['+', ..] && name.Length <= MaxText && _tags.Count < MaxTags)
                _tags.Add(value.Length == 0 ? name : $"{name}={value}");
        }

        // An element in it is an error of the document.
        private string Text()
        {
            var text = reader.ReadElementContentAsString().Trim();
            return text.Length <= MaxText ? text : "";
        }

        private void EndContact()
        {
            if (_contact is { } contact && _uri is { Length: > 0 } uri)
                _contacts.Add(new(uri, contact.IsActive, contact.Expires, _tags.ToImmutable()));
            _contact = null;
            _uri = null;
            _tags.Clear();
        }

        private void EndAddress()
        {
            EndContact();
            if (_address is { } address)
                _addresses.Add(new(address.Address, address.IsActive, _contacts.ToImmutable()));
            _address = null;
            _contacts.Clear();
        }

        private static int? Seconds(string? text) =>
            uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? (int)Math.Min(seconds, int.MaxValue)
                : null;
    }
}
