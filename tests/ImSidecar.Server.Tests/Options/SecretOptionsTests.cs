using System.Reflection;
using System.Text.RegularExpressions;
using ImSidecar.Msrp;
using ImSidecar.Server.Options;

namespace ImSidecar.Server.Tests.Options;

/// <summary>Secrets come from files: what is in the configuration is seen in ps, in the environment and in backups.</summary>
public partial class SecretOptionsTests
{
    // What is called so and is none.
    private static readonly string[] _harmless = ["ServerToken", "ReleaseWhenKeyParticipantsLeave"];

    [Fact]
    public void No_key_takes_a_secret_itself()
    {
        var keys = OptionTypes().SelectMany(type => type.GetProperties().Where(each => each.CanWrite)).ToArray();

        Assert.Contains(keys, key => key.Name == "PasswordFile");
        Assert.DoesNotContain(keys, key => SecretWord().IsMatch(key.Name)
            && !key.Name.EndsWith("File", StringComparison.Ordinal)
            && !key.Name.EndsWith("Files", StringComparison.Ordinal)
            && !_harmless.Contains(key.Name));
    }

    [Fact]
    public void Each_section_is_looked_at()
    {
        var known = (System.Collections.IDictionary)typeof(ConfigurationKeys)
            .GetField("_sections", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;

        Assert.Superset(
            known.Values.OfType<Type>().Select(type => type.Name).ToHashSet(),
            OptionTypes().Select(type => type.Name).ToHashSet());
    }

    private static IEnumerable<Type> OptionTypes() =>
        new[] { typeof(ConfigurationKeys).Assembly, typeof(MsrpOptions).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.GetField("Section", BindingFlags.Public | BindingFlags.Static) is not null);

    // A word within a name: PasswordFile, not Keyed.
    [GeneratedRegex("(Password|Passphrase|Secret|Credentials?|Token|Keys?|Pin)(?![a-z])")]
    private static partial Regex SecretWord();
}
