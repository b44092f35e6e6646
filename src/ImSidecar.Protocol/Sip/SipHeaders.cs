using System.Collections;
using System.Collections.Immutable;

namespace ImSidecar.Protocol.Sip;

/// <summary>The header fields of a message in order; look-ups know compact forms, RFC 3261 7.3.3 and 20.</summary>
public sealed class SipHeaders(ImmutableArray<SipHeader> fields) : IReadOnlyList<SipHeader>
{
    public static readonly SipHeaders Empty = new([]);

    private readonly ImmutableArray<SipHeader> _fields = fields;

    public int Count => _fields.Length;

    public SipHeader this[int index] => _fields[index];

    public static SipHeaders Of(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var list = ImmutableArray.CreateBuilder<SipHeader>(fields.Length);
        foreach (var (name, value) in fields)
            list.Add(new(name, value));
        return new(list.DrainToImmutable());
    }

    /// <summary>The first field of that name, or null.</summary>
    public string? First(string name)
    {
        foreach (var field in _fields)
        {
            if (IsNamed(field.Name, name))
                return field.Value;
        }

        return null;
    }

    public int CountOf(string name)
    {
        var count = 0;
        foreach (var field in _fields)
            count += IsNamed(field.Name, name) ? 1 : 0;
        return count;
    }

    /// <summary>Every comma-separated value of every field of that name, in order.</summary>
    public ImmutableArray<string> Values(string name)
    {
        var values = ImmutableArray.CreateBuilder<string>();
        foreach (var field in _fields)
        {
            if (!IsNamed(field.Name, name))
                continue;

            foreach (var value in new SipList(field.Value, ','))
                values.Add(value.ToString());
        }

        return values.DrainToImmutable();
    }

    /// <summary>True if a comma-separated token list of that name holds the token (option tags, methods).</summary>
    public bool HasToken(string name, string token)
    {
        foreach (var field in _fields)
        {
            if (!IsNamed(field.Name, name))
                continue;

            foreach (var value in new SipList(field.Value, ','))
            {
                if (value.Equals(token, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }

    public SipHeaders With(string name, string value) => new(_fields.Add(new(name, value)));

    public IEnumerator<SipHeader> GetEnumerator() => ((IEnumerable<SipHeader>)_fields).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool IsNamed(string actual, string wanted) =>
        wanted.Equals(wanted.Length == 1 ? actual : CompactForm.Expand(actual), StringComparison.OrdinalIgnoreCase);
}
