using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace ImSidecar.Server.Options;

/// <summary>Whether the text of a key is a value of its type, and what it must be if it is not.</summary>
internal static class ConfigurationTypes
{
    /// <summary>Null: it is.</summary>
    public static string? Complaint(PropertyInfo property, IConfigurationSection key)
    {
        var children = key.GetChildren().ToList();
        if (property.PropertyType == typeof(IReadOnlyList<string>))
        {
            return !string.IsNullOrEmpty(key.Value) ? $"{key.Path} must be a list"
                : children.Find(each => each.GetChildren().Any()) is { } element
                    ? $"{element.Path} must be a text, as all of the list are"
                : null;
        }

        if (children.Count > 0)
            return $"{key.Path} must be one value, not a section or a list";

        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (key.Value is not { } text)
        {
            var mayBeNull = type != property.PropertyType || !type.IsValueType;
            return mayBeNull ? null : $"{key.Path} must be {Kind(type)}, not null";
        }

        return Is(type, text) || text.Length == 0 && type != property.PropertyType
            ? null
            : $"{key.Path} must be {Kind(type)}, not \"{text}\"";
    }

    private static bool Is(Type type, string text)
    {
        if (type == typeof(string))
            return true;

        // Without a colon it would be days.
        if (type == typeof(TimeSpan) && text.Trim() != "0" && !text.Contains(':', StringComparison.Ordinal))
            return false;

        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text) is not null;
        }
        catch (Exception error) when (error is FormatException or ArgumentException or OverflowException
            or NotSupportedException)
        {
            return false;
        }
    }

    private static string Kind(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(double) || type == typeof(float) || type == typeof(decimal) ? "a number"
        : type == typeof(TimeSpan) ? "a duration (hh:mm:ss or d.hh:mm:ss)"
        : type.IsEnum ? Words(Enum.GetNames(type))
        : "a " + type.Name;

    private static string Words(string[] names) =>
        names.Length < 2 ? string.Concat(names) : $"{string.Join(", ", names[..^1])} or {names[^1]}";
}
