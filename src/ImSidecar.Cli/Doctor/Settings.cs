using System.Reflection;
using System.Text.Json;

namespace ImSidecar.Cli.Doctor;

/// <summary>
/// Keys of imsidecar.json with their values: the defaults, over them the file, over it what the running sidecar says,
/// which also knows its environment and its command line.
/// </summary>
internal sealed class Settings
{
    private static readonly JsonDocumentOptions _lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    public string this[string key] => _values.GetValueOrDefault(key, "");

    public static Settings Defaults()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("imsidecar.json")!;
        var settings = new Settings();
        settings.Take(JsonDocument.Parse(stream, _lenient));
        return settings;
    }

    /// <summary>The texts of a list.</summary>
    public IEnumerable<string> List(string key)
    {
        for (var i = 0; _values.TryGetValue($"{key}:{i}", out var value); i++)
            yield return value;
    }

    /// <summary>What the sidecar has from its environment and command line, "--Section:Key=value".</summary>
    public List<string> Elsewhere { get; } = [];

    /// <summary>What the running sidecar says. What it has from the file may be another value there by now.</summary>
    public void Set(string key, string value, string source)
    {
        if (source is "environment" or "command line")
            Elsewhere.Add($"--{key}={value}");
        _values[key] = value;
    }

    /// <summary>False: it cannot be read, and the error is a sentence.</summary>
    public bool TryRead(string file, out string error)
    {
        error = "";
        try
        {
            using var stream = File.OpenRead(file);
            Take(JsonDocument.Parse(stream, _lenient));
            return true;
        }
        catch (JsonException failure)
        {
            error = $"{file} is no JSON: {failure.Message}";
        }
        catch (ArgumentException)
        {
            error = "There is no file without a name";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error = failure.Message;
        }

        return false;
    }

    private void Take(JsonDocument document)
    {
        using (document)
            Take("", document.RootElement);
    }

    private void Take(string path, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
                Take(path.Length == 0 ? property.Name : $"{path}:{property.Name}", property.Value);
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var (index, item) in element.EnumerateArray().Index())
                Take($"{path}:{index}", item);
        }
        else
        {
            _values[path] = element.ValueKind == JsonValueKind.Null ? "" : element.ToString();
        }
    }
}
