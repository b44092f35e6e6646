using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Lifecycle;

/// <summary>Asks every validator that services have for their sections, and goes on when one complains.</summary>
internal static class SectionCheck
{
    public static IEnumerable<string> Complaints(IServiceCollection services)
    {
        var sections = services
            .Where(each => each.ServiceType.IsGenericType
                && each.ServiceType.GetGenericTypeDefinition() == typeof(IValidateOptions<>))
            .Select(each => each.ServiceType.GetGenericArguments()[0])
            .Distinct()
            .ToList();
        services.AddSingleton(typeof(IOptions<>), typeof(UncheckedOptions<>));
        using var provider = services.BuildServiceProvider();
        return [.. sections.SelectMany(section => Complaints(provider, section)).Distinct()];
    }

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
