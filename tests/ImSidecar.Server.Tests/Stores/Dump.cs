using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>A value written out line by line, so that two compare in depth; what has its default is left out.</summary>
internal static class Dump
{
    public static string Of(object value)
    {
        var text = new StringBuilder();
        Write(text, "", value);
        return text.ToString();
    }

    /// <summary>"Type.Property" of everything that can be set and has a value somewhere below.</summary>
    public static HashSet<string> NamesOfSet(object value)
    {
        var names = new HashSet<string>();
        Visit(value, (type, property, _) => names.Add(type.Name + "." + property));
        return names;
    }

    /// <summary>"Type.Property" of everything that could be set in the types that occur below.</summary>
    public static HashSet<string> NamesOfSettable(object value)
    {
        var types = new HashSet<Type>();
        Visit(value, (type, _, _) => types.Add(type));
        return [.. types.SelectMany(type => Settable(type).Select(property => type.Name + "." + property.Name))];
    }

    private static void Visit(object? value, Action<Type, string, object> found)
    {
        if (value is null or string || IsSimple(value))
            return;

        foreach (var (name, child) in Children(value))
        {
            if (value is not IEnumerable)
                found(value.GetType(), name, child);
            Visit(child, found);
        }
    }

    private static void Write(StringBuilder text, string path, object value)
    {
        if (IsSimple(value))
        {
            text.Append(path).Append(" = ").Append(Simple(value)).Append('\n');
            return;
        }

        text.Append(path).Append(": ").Append(value is IEnumerable ? "list" : value.GetType().Name).Append('\n');
        foreach (var (name, child) in Children(value))
            Write(text, path + "/" + name, child);
    }

    private static IEnumerable<(string Name, object Value)> Children(object value) => value switch
    {
        IDictionary entries => entries.Keys.Cast<object>()
            .OrderBy(key => key.ToString(), StringComparer.Ordinal)
            .Select(key => (key.ToString()!, entries[key]!)),
        IEnumerable items => items.Cast<object>().Select((item, i) => (i.ToString(CultureInfo.InvariantCulture), item)),
        _ => Settable(value.GetType())
            .Select(property => (property.Name, Value: Plain(property.GetValue(value))))
            .Where(child => !IsDefault(child.Value))
            .Select(child => (child.Name, child.Value!)),
    };

    // Its look-ups follow from what is in it.
    private static object? Plain(object? value) => value switch
    {
        ParticipantTable table => table.Values.ToDictionary(each => each.Id),
        SubscriptionTable table => table.Values.ToDictionary(each => each.Dialog),
        _ => value,
    };

    private static IEnumerable<PropertyInfo> Settable(Type type) =>
        type.GetProperties()
            .Where(property => property.CanWrite)
            .OrderBy(property => property.Name, StringComparer.Ordinal);

    private static bool IsDefault(object? value) => value switch
    {
        null or "" => true,
        ReadOnlyMemory<byte> bytes => bytes.IsEmpty,
        IEnumerable items and not string => IsEmpty(items),
        _ => value.GetType().IsValueType && value.Equals(Activator.CreateInstance(value.GetType())),
    };

    private static bool IsEmpty(IEnumerable items) =>
        items.GetType().GetProperty("IsDefault")?.GetValue(items) is true || !items.Cast<object>().Any();

    private static bool IsSimple(object value) =>
        value is string or bool or ReadOnlyMemory<byte> or SipUri or SipStatus or SipHeader or DialogId or ActionKey
            or AggregateId or IFormattable;

    private static string? Simple(object value) => value switch
    {
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
