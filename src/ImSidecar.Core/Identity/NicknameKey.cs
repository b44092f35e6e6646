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

    public static string Of(string name)
    {
        var key = new StringBuilder(name.Length);
        foreach (var each in name.ToUpperInvariant())
        {
            if (char.IsWhiteSpace(each))
            {
                if (key.Length > 0 && key[^1] != ' ')
                    key.Append(' ');
            }
            else if (!IsInvisible(each))
            {
                var narrow = each is >= '\uFF01' and <= '\uFF5E' ? char.ToUpperInvariant((char)(each - 0xFEE0)) : each;
                key.Append(_letters.GetValueOrDefault(narrow, narrow));
            }
        }

        return key.ToString().TrimEnd();
    }

    // Accents that stand for themselves, joiners, marks of direction.
    private static bool IsInvisible(char each) =>
        each is >= '\u0300' and <= '\u036F' or >= '\uFE00' and <= '\uFE0F'
        || char.GetUnicodeCategory(each) is UnicodeCategory.Format;
}
