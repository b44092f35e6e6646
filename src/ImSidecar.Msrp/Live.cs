using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp;

/// <summary>
/// A section that a reload of the configuration may replace: who uses it reads it each time and keeps nothing of it.
/// </summary>
public sealed class Live<T>(T value) : IOptions<T>
    where T : class
{
    private volatile T _value = value;

    public T Value
    {
        get => _value;
        set => _value = value;
    }

    public static implicit operator Live<T>(T value) => new(value);
}

/// <summary>What is made of a section, made anew when a reload has replaced it.</summary>
public sealed class Derived<TSection, T>(IOptions<TSection> section, Func<TSection, T> make)
    where TSection : class
    where T : class
{
    private volatile Made? _made;

    public T Value
    {
        get
        {
            var current = section.Value;
            if (_made is { } made && ReferenceEquals(made.From, current))
                return made.Value;

            _made = new(current, make(current));
            return _made.Value;
        }
    }

    private sealed record Made(TSection From, T Value);
}

/// <summary>Registers sections that may be replaced.</summary>
public static class LiveRegistration
{
    /// <summary>Who asks for the options gets what is in force.</summary>
    public static IServiceCollection AddLive<T>(this IServiceCollection services)
        where T : class
    {
        services.AddSingleton(provider =>
            new Live<T>(provider.GetRequiredService<IOptionsFactory<T>>().Create(Options.DefaultName)));
        return services.AddSingleton<IOptions<T>>(provider => provider.GetRequiredService<Live<T>>());
    }
}
