using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace ImSidecar.Protocol.Msrp;

/// <summary>Value of Use-Nickname, RFC 7701 7: a quoted string for people to read; empty takes it away.</summary>
public static class UseNickname
{
    public const int MaxLength = 64;

    public static bool TryRead(ReadOnlySpan<byte> field, out string nickname)
    {
        nickname = "";
        if (field is not [(byte)'"', .. var quoted, (byte)'"'] || !Utf8.IsValid(quoted))
            return false;

        var text = new StringBuilder();
        var written = Encoding.UTF8.GetString(quoted);
        for (var i = 0; i < written.Length; i++)
        {
            if (written[i] == '"' || written[i] == '\\' && ++i == written.Length)
                return false;

            text.Append(written[i]);
        }

        nickname = text.ToString().Trim();
        return nickname.Length <= MaxLength && (nickname.Length > 0 || written.Length == 0) && IsReadable(nickname);
    }

    public static string Write(string nickname)
    {
        var quoted = new StringBuilder("\"", nickname.Length + 2);
        foreach (var each in nickname)
        {
            if (each is '"' or '\\')
                quoted.Append('\\');
            quoted.Append(each);
        }

        return quoted.Append('"').ToString();
    }

    // What turns text around or ends a line would make a list of names say something else.
    private static bool IsReadable(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            var isJoiner = rune.Value is 0x200C or 0x200D;
            if (!isJoiner && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned)
                return false;
        }

        return true;
    }
}
