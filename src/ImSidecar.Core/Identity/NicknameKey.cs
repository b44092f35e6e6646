using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ImSidecar.Core.Identity;

/// <summary>
/// What two names have in common that people take for the same, RFC 8266 2.4: case, blanks, width, accents in whatever
/// form they are written.
/// </summary>
internal static class NicknameKey
{
    // Letter, then the same letter with accents. The runtime normalises nothing beyond ASCII without ICU, which we are
    // not to need; upper case is enough.
    private static readonly string[] _accented =
    [
        "AÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦḀẠẢẤẦẨẪẬẮẰẲẴẶ",
        "BḂḄḆ",
        "CÇĆĈĊČḈ",
        "DĎḊḌḎḐḒ",
        "EÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ",
        "FḞ",
        "GĜĞĠĢǦǴḠ",
        "HĤȞḢḤḦḨḪ",
        "IÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊ",
        "JĴ",
        "KĶǨḰḲḴ",
        "LĹĻĽḶḸḺḼ",
        "MḾṀṂ",
        "NÑŃŅŇǸṄṆṈṊ",
        "OÒÓÔÕÖŌŎŐƠǑǪǬȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢ",
        "PṔṖ",
        "RŔŖŘȐȒṘṚṜṞ",
        "SŚŜŞŠȘṠṢṤṦṨ",
        "TŢŤȚṪṬṮṰ",
        "UÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ",
        "VṼṾ",
        "WŴẀẂẄẆẈ",
        "XẊẌ",
        "YÝŶŸȲẎỲỴỶỸ",
        "ZŹŻŽẐẒẔ",
        "ÆǢǼ",
        "ØǾ",
        "ƷǮ",
        "ΑΆἈἉἊἋἌἍἎἏᾸᾹᾺΆ",
        "ΕΈἘἙἚἛἜἝῈΈ",
        "ΗΉἨἩἪἫἬἭἮἯῊΉ",
        "ΙΊΪἸἹἺἻἼἽἾἿῘῙῚΊ",
        "ΟΌὈὉὊὋὌὍῸΌ",
        "ΡῬ",
        "ΥΎΫὙὛὝὟῨῩῪΎ",
        "ΩΏὨὩὪὫὬὭὮὯῺΏ",
        "ϒϓϔ",
        "ІЇ",
        "АӐӒ",
        "ГЃ",
        "ЕЀЁӖ",
        "ЖӁӜ",
        "ЗӞ",
        "ИЍЙӢӤ",
        "КЌ",
        "ОӦ",
        "УЎӮӰӲ",
        "ЧӴ",
        "ЫӸ",
        "ЭӬ",
        "ѴѶ",
        "ӘӚ",
        "ӨӪ",
    ];

    private static readonly FrozenDictionary<char, char> _letters = _accented
        .SelectMany(row => row.Skip(1).Select(accented => (accented, row[0])))
        .DistinctBy(pair => pair.accented)
        .ToFrozenDictionary(pair => pair.accented, pair => pair.Item2);

    // Letters and signs that are drawn as nothing.
    private static readonly SearchValues<char> _blanks = SearchValues.Create("\u115F\u1160\u2800\u3164\uFFA0");

    public static string Of(string name)
    {
        var key = new StringBuilder(name.Length);
        foreach (var each in name.ToUpperInvariant().EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(each) || each.IsBmp && _blanks.Contains((char)each.Value))
            {
                if (key.Length > 0 && key[^1] != ' ')
                    key.Append(' ');
            }
            else if (IsInvisible(each))
            {
                continue;
            }
            else if (!each.IsBmp)
            {
                key.Append(each.ToString());
            }
            else
            {
                var read = (char)each.Value;
                var narrow = read is >= '\uFF01' and <= '\uFF5E' ? char.ToUpperInvariant((char)(read - 0xFEE0)) : read;
                key.Append(_letters.GetValueOrDefault(narrow, narrow));
            }
        }

        return key.ToString().TrimEnd();
    }

    // Accents that stand for themselves, joiners, marks of direction, and what selects one drawing of a letter.
    private static bool IsInvisible(Rune each) =>
        each.Value is >= 0x0300 and <= 0x036F or >= 0x1AB0 and <= 0x1AFF or >= 0x1DC0 and <= 0x1DFF
            or >= 0x20D0 and <= 0x20FF or >= 0xFE00 and <= 0xFE0F or >= 0xFE20 and <= 0xFE2F
            or 0x17B4 or 0x17B5 or >= 0x180B and <= 0x180F or >= 0xE0100 and <= 0xE01EF
        || Rune.GetUnicodeCategory(each) is UnicodeCategory.Format;
}
