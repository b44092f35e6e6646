using System.Collections.Immutable;
using ImSidecar.Server.Telemetry.Logging;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ImSidecar.Server.Lifecycle;

/// <summary>
/// How much each category logs: what the section "Logging" says, and before it what the operator has set for a while.
/// </summary>
internal sealed class LogLevels(IConfiguration configuration, TimeProvider time)
    : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>, IReloaded, IDisposable
{
    public const string Section = "Logging";

    /// <summary>The category of all that no other one names.</summary>
    public const string Default = "Default";

    private const string Levels = "LogLevel";
    private const int MaxSet = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Setting> _set = new(StringComparer.OrdinalIgnoreCase);
    private ImmutableArray<LoggerFilterRule> _configured = Read(configuration.GetSection(Section));
    private CancellationTokenSource _changed = new();

    /// <summary>Of the options that the logging asks for.</summary>
    public string Name => Microsoft.Extensions.Options.Options.DefaultName;

    /// <summary>The logging knows one wildcard in a name, and fails at two.</summary>
    public static bool IsCategory(string name) => name.Count(each => each == '*') <= 1;

    /// <summary>Until then, or with null until the process ends, the category logs from that level on.</summary>
    public void Set(string category, LogLevel level, TimeSpan? @for)
    {
        if (!IsCategory(category))
            throw new ArgumentException("A category has one * at most", nameof(category));

        lock (_gate)
        {
            if (_set.Count == MaxSet && !_set.ContainsKey(category))
                throw new InvalidOperationException($"No more than {MaxSet} categories can be set");

            Unset(category);
            var setting = new Setting(level, @for is null ? null : time.GetUtcNow() + @for);
            _set[category] = setting;
            if (@for is { } span)
                setting.Timer = time.CreateTimer(_ => Forget(category, setting), null, span, Timeout.InfiniteTimeSpan);
        }

        Tell();
    }

    /// <summary>The category logs as it is configured again.</summary>
    public void Clear(string category)
    {
        lock (_gate)
            Unset(category);
        Tell();
    }

    /// <summary>What is set goes before what is configured.</summary>
    public ImmutableArray<LevelOfCategory> Get()
    {
        lock (_gate)
        {
            return
            [
                .. _set.Select(each => new LevelOfCategory(each.Key, each.Value.Level, IsSet: true, each.Value.Until)),
                .. _configured.Where(rule => rule.ProviderName is null).Select(rule =>
                    new LevelOfCategory(rule.CategoryName ?? Default, rule.LogLevel!.Value, IsSet: false, Until: null)),
            ];
        }
    }

    /// <summary>The section says something else from now on; what is set stays.</summary>
    public void Take(IConfiguration configuration)
    {
        lock (_gate)
            _configured = Read(configuration.GetSection(Section));
        Tell();
    }

    public void Configure(LoggerFilterOptions options)
    {
        // Of all that nobody names.
        options.MinLevel = LogLevel.Information;
        lock (_gate)
        {
            foreach (var rule in _configured)
                options.Rules.Add(rule);
            foreach (var (category, setting) in _set)
                options.Rules.Add(new(null, CategoryOf(category), setting.Level, null));
        }
    }

    public IChangeToken GetChangeToken()
    {
        lock (_gate)
            return new CancellationChangeToken(_changed.Token);
    }

    /// <summary>What is wrong with the section; each complaint begins with its key.</summary>
    public static IEnumerable<string> Complaints(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren())
        {
            if (IsLevels(child.Key))
            {
                foreach (var complaint in OfLevels(child))
                    yield return complaint;
            }
            else if (child.GetChildren().All(each => IsLevels(each.Key)) && child.GetChildren().Any())
            {
                foreach (var complaint in child.GetChildren().SelectMany(OfLevels))
                    yield return complaint;
            }
            else if (!child.Key.Equals(nameof(LogOptions.Format), StringComparison.OrdinalIgnoreCase))
            {
                yield return $"{child.Path} is no key";
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var category in _set.Keys.ToList())
                Unset(category);
            _changed.Dispose();
        }
    }

    private static IEnumerable<string> OfLevels(IConfigurationSection levels)
    {
        foreach (var category in levels.GetChildren())
        {
            if (!IsCategory(category.Key))
                yield return $"{category.Path} is no category: it may have one * only";
            else if (!TryParse(category.Value, out _))
                yield return $"{category.Path} must be Trace, Debug, Information, Warning, Error, Critical or None, "
                    + $"not \"{category.Value}\"";
        }
    }

    private static ImmutableArray<LoggerFilterRule> Read(IConfiguration section) =>
    [
        .. Rules(null, section.GetSection(Levels)),
        .. section.GetChildren().Where(child => !IsLevels(child.Key)).SelectMany(
            child => Rules(child.Key, child.GetSection(Levels))),
    ];

    private static IEnumerable<LoggerFilterRule> Rules(string? provider, IConfigurationSection levels)
    {
        foreach (var category in levels.GetChildren())
        {
            if (IsCategory(category.Key) && TryParse(category.Value, out var level))
                yield return new(provider, CategoryOf(category.Key), level, null);
        }
    }

    private static string? CategoryOf(string category) =>
        category.Equals(Default, StringComparison.OrdinalIgnoreCase) ? null : category;

    private static bool TryParse(string? text, out LogLevel level) =>
        Enum.TryParse(text, ignoreCase: true, out level) && Enum.IsDefined(level);

    private static bool IsLevels(string key) => key.Equals(Levels, StringComparison.OrdinalIgnoreCase);

    private void Forget(string category, Setting setting)
    {
        lock (_gate)
        {
            // It may have been set anew meanwhile, for longer. The clock tells nothing: it may have been set too.
            if (_set.GetValueOrDefault(category) != setting)
                return;

            Unset(category);
        }

        try
        {
            Tell();
        }
        catch (AggregateException)
        {
            // On the thread of a timer it would end the process; who hears of it keeps the levels that he has.
        }
    }

    private void Unset(string category)
    {
        if (_set.Remove(category, out var before))
            before.Timer?.Dispose();
    }

    private void Tell()
    {
        CancellationTokenSource before;
        lock (_gate)
            (before, _changed) = (_changed, new());
        before.Cancel();
        before.Dispose();
    }

    private sealed class Setting(LogLevel level, DateTimeOffset? until)
    {
        public LogLevel Level => level;

        public DateTimeOffset? Until => until;

        public ITimer? Timer { get; set; }
    }
}

/// <summary>From which level on a category logs, and who says so.</summary>
/// <param name="IsSet">By the operator of a running node; else by the configuration.</param>
/// <param name="Until">When what is set is over; null: when the process ends.</param>
internal sealed record LevelOfCategory(string Category, LogLevel Level, bool IsSet, DateTimeOffset? Until);
