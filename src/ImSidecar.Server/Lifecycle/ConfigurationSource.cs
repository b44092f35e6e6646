using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace ImSidecar.Server.Lifecycle;

/// <summary>The file, the environment, and the command line: the later one counts.</summary>
internal sealed partial class ConfigurationSource(CommandLine line)
{
    public const string Prefix = "IMSIDECAR_";

    public string File => line.File;

    /// <summary>Null: the file cannot be read; the error says why and names it.</summary>
    public IConfigurationRoot? TryLoad(out string error)
    {
        error = "";
        try
        {
            var builder = new ConfigurationBuilder();
            AddTo(builder);
            return builder.Build();
        }
        catch (FileNotFoundException)
        {
            error = Directory.Exists(File) ? "is a folder" : Hidden();
        }
        catch (UnauthorizedAccessException)
        {
            error = Directory.Exists(File) ? "is a folder" : "may not be read by this user";
        }
        catch (InvalidDataException invalid)
        {
            error = "is no valid JSON: " + invalid.GetBaseException().Message;
        }
        catch (IOException failure)
        {
            error = "cannot be read: " + failure.Message;
        }

        error = "the configuration " + File + " " + error;
        return null;
    }

    // Whatever keeps a file from being seen is to the configuration as if there were none.
    private string Hidden()
    {
        try
        {
            using var file = System.IO.File.OpenRead(File);
            return "is not read: its name begins with a dot";
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return "does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            return "may not be read by this user";
        }
        catch (IOException failure)
        {
            return "cannot be read: " + failure.Message;
        }
    }

    public void AddTo(IConfigurationBuilder builder) => builder
        .AddJsonFile(File, optional: false, reloadOnChange: false)
        .AddEnvironmentVariables(Prefix)
        .AddInMemoryCollection(line.Keys);

    /// <summary>The complaint, which begins with a key, and where that is said.</summary>
    public string Place(string complaint, IConfigurationRoot configuration)
    {
        var key = KeyOf().Match(complaint).Value;
        var provider = key.Length == 0 ? null : configuration.Providers.Reverse().FirstOrDefault(each => Says(each, key));
        var place = provider switch
        {
            EnvironmentVariablesConfigurationProvider =>
                "the environment, " + Prefix + key.Replace(":", "__", StringComparison.Ordinal),
            MemoryConfigurationProvider or CommandLineConfigurationProvider => "the command line",
            _ => File,
        };
        return $"{complaint} ({place})";
    }

    private static bool Says(IConfigurationProvider provider, string key) =>
        provider.TryGet(key, out _) || provider.GetChildKeys([], key).Any();

    [GeneratedRegex(@"^[^\s:]+(:[^\s:]+)*")]
    private static partial Regex KeyOf();
}
