using ImSidecar.Core.Conferences;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Options;

/// <summary>Checks the section "Participating" at start; each complaint names its key.</summary>
internal sealed class ParticipatingOptionsValidator : IValidateOptions<ParticipatingOptions>
{
    public ValidateOptionsResult Validate(string? name, ParticipatingOptions options)
    {
        List<string> failures = [];
        for (var i = 0; i < options.Domains.Count; i++)
        {
            Check(
                $"{nameof(options.Domains)}:{i}",
                Uri.CheckHostName(options.Domains[i]) != UriHostNameType.Unknown, "must be a host name");
        }

        Check(
            nameof(options.RegistrationSources),
            ParticipatingOptions.TryReadSources(options.RegistrationSources, out _),
            $"must name sources ({string.Join(", ", Enum.GetNames<RegistrationSource>())}), or be None");
        Check(
            nameof(options.RejectStatus), options.RejectStatus is 403 or 480 or 486 or 603,
            "must be 403, 480, 486 or 603");
        Check(
            nameof(options.MaxServedUsers), options.MaxServedUsers is >= 1 and <= 10_000_000, "must be 1 to 10000000");
        Check(nameof(options.MaxContacts), options.MaxContacts is >= 1 and <= 100, "must be 1 to 100");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, bool isValid, string rule)
        {
            if (!isValid)
                failures.Add($"{ParticipatingOptions.Section}:{key} {rule}");
        }
    }
}
