using System.Collections;
using ImSidecar.Server.Options;
using Microsoft.Extensions.Configuration;

namespace ImSidecar.Server.Lifecycle;

/// <summary>Which keys mean something else in one configuration than in another: not a default that is written out.</summary>
internal static class ConfigurationDifference
{
    /// <summary>"Section:Key" of the sections whose options are named, and what "Logging" says.</summary>
    public static IReadOnlyList<string> Between(
        IConfiguration before, IConfiguration after, IReadOnlySet<Type> sections) =>
    [
        .. ConfigurationKeys.Sections.Where(each => sections.Contains(each.Value))
            .SelectMany(each => OfSection(each.Key, each.Value, before, after)),
        .. OfLogging(before, after),
    ];

    private static IEnumerable<string> OfSection(
        string section, Type type, IConfiguration before, IConfiguration after)
    {
        var (old, now) = (Read(before, section, type), Read(after, section, type));
        return type.GetProperties()
            .Where(property => property.CanWrite && !AreSame(property.GetValue(old), property.GetValue(now)))
            .Select(property => $"{section}:{property.Name}");
    }

    private static object Read(IConfiguration configuration, string section, Type type) =>
        configuration.GetSection(section).Get(type) ?? Activator.CreateInstance(type)!;

    private static bool AreSame(object? old, object? now) =>
        old is IEnumerable list and not string && now is IEnumerable other
            ? list.Cast<object>().SequenceEqual(other.Cast<object>())
            : Equals(old, now);

    private static IEnumerable<string> OfLogging(IConfiguration before, IConfiguration after)
    {
        var (old, now) = (Levels(before), Levels(after));
        return old.Keys.Union(now.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => old.GetValueOrDefault(key) != now.GetValueOrDefault(key))
            .Order(StringComparer.Ordinal);
    }

    private static Dictionary<string, string> Levels(IConfiguration configuration) =>
        configuration.GetSection(LogLevels.Section).AsEnumerable().Where(each => each.Value is not null)
            .ToDictionary(each => each.Key, each => each.Value!, StringComparer.OrdinalIgnoreCase);
}
