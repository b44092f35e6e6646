using ImSidecar.Core.Rules;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Options;

/// <summary>Section "Xdm": where documents come from and how rules are read.</summary>
internal sealed record XdmOptions
{
    public const string Section = "Xdm";

    public XdmMode Mode { get; init; }

    /// <summary>Further names of the XCAP root in documents that refer to others: http or https URIs.</summary>
    public IReadOnlyList<string> Roots { get; init; } = [];

    public Precedence Precedence { get; init; }

    public string ServiceName { get; init; } = "IM";

    /// <summary>Groups whose documents are kept compiled.</summary>
    public int MaxGroups { get; init; } = 10_000;

    /// <summary>Users whose access rules and block lists are kept compiled.</summary>
    public int MaxUsers { get; init; } = 50_000;

    /// <summary>How often running sessions look whether their document, or the time of day, says otherwise.</summary>
    public TimeSpan ReviewInterval { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>Who serves the documents.</summary>
internal enum XdmMode
{
    /// <summary>This process: section XcapServer.</summary>
    Embedded,

    /// <summary>An XDMS of the operator: section XcapClient.</summary>
    Remote,
}

internal sealed class XdmOptionsValidator : IValidateOptions<XdmOptions>
{
    public ValidateOptionsResult Validate(string? name, XdmOptions options)
    {
        List<string> failures = [];
        Check(nameof(options.Mode), Enum.IsDefined(options.Mode), "must be Embedded or Remote");
        Check(nameof(options.Precedence), Enum.IsDefined(options.Precedence), "must be Oma or Rfc4745");
        Check(nameof(options.ServiceName), options.ServiceName.Length is > 0 and <= 64, "must be 1 to 64 characters");
        Check(nameof(options.MaxGroups), options.MaxGroups is >= 1 and <= 1_000_000, "must be 1 to 1000000");
        Check(nameof(options.MaxUsers), options.MaxUsers is >= 1 and <= 10_000_000, "must be 1 to 10000000");
        Check(
            nameof(options.ReviewInterval),
            options.ReviewInterval >= TimeSpan.FromSeconds(1) && options.ReviewInterval <= TimeSpan.FromDays(1),
            "must be 1 second to 1 day");
        for (var i = 0; i < options.Roots.Count; i++)
            Check($"{nameof(options.Roots)}:{i}", IsRoot(options.Roots[i]), "must be an http or https URI ending in /");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, bool isValid, string rule)
        {
            if (!isValid)
                failures.Add($"{XdmOptions.Section}:{key} {rule}");
        }
    }

    private static bool IsRoot(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && text.EndsWith('/');
}
