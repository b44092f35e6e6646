using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Lifecycle;

/// <summary>Asks every validator that services have for their sections, and goes on when one complains.</summary>
internal static class SectionCheck
{
    public static IEnumerable<string> Complaints(IServiceCollection services)
    {
        var sections = SectionsOf(services);
        var live = services.Where(each => Argument(each, typeof(IOptions<>)) is { IsGenericParameter: false }).ToList();
        foreach (var each in live)
            services.Remove(each);
        services.AddSingleton(typeof(IOptions<>), typeof(UncheckedOptions<>));
        using var provider = services.BuildServiceProvider();
        return [.. sections.SelectMany(section => Complaints(provider, section)).Distinct()];
    }

    /// <summary>The options that the services are configured by.</summary>
    public static IReadOnlySet<Type> SectionsOf(IServiceCollection services) => services
        .Select(each => Argument(each, typeof(IConfigureOptions<>)) ?? Argument(each, typeof(IValidateOptions<>)))
        .OfType<Type>()
        .ToHashSet();

    private static Type? Argument(ServiceDescriptor service, Type of) =>
        service.ServiceType.IsGenericType && service.ServiceType.GetGenericTypeDefinition() == of
            ? service.ServiceType.GetGenericArguments()[0]
            : null;

    private static IEnumerable<string> Complaints(IServiceProvider provider, Type section)
    {
        var check = typeof(SectionCheck).GetMethod(nameof(Check), 1, [typeof(IServiceProvider)])!;
        return (IEnumerable<string>)check.MakeGenericMethod(section).Invoke(null, [provider])!;
    }

    public static IEnumerable<string> Check<T>(IServiceProvider provider)
        where T : class
    {
        var options = provider.GetRequiredService<IOptions<T>>().Value;
        return
        [
            .. provider.GetServices<IValidateOptions<T>>()
                .Select(each => each.Validate(Microsoft.Extensions.Options.Options.DefaultName, options))
                .Where(result => result.Failed)
                .SelectMany(result => result.Failures ?? []),
        ];
    }
}
