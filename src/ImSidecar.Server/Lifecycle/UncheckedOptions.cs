using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Lifecycle;

/// <summary>A section as it is written, for a check that looks at others by it: its own faults are told by themselves.</summary>
internal sealed class UncheckedOptions<T>(IEnumerable<IConfigureOptions<T>> configure) : IOptions<T>
    where T : class
{
    private T? _value;

    public T Value => _value ??= Read();

    private T Read()
    {
        var value = Activator.CreateInstance<T>();
        foreach (var each in configure)
            each.Configure(value);
        return value;
    }
}
