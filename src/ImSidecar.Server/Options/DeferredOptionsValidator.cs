using ImSidecar.Protocol.Sip;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Options;

/// <summary>Checks the section "Deferred" at start; each complaint names its key.</summary>
internal sealed class DeferredOptionsValidator(IOptions<ControllingOptions> controlling)
    : IValidateOptions<DeferredOptions>
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(3650);

    public ValidateOptionsResult Validate(string? name, DeferredOptions options)
    {
        List<string> failures = [];
        Check(nameof(options.Uri), options.Uri.Length == 0 || IsOurs(options.Uri),
            "must be a SIP URI of the domain of Controlling:ConferenceFactory");
        for (var i = 0; i < options.Barred.Count; i++)
            Check($"{nameof(options.Barred)}:{i}", SipUri.TryParse(options.Barred[i], out _), "must be a SIP or tel URI");
        Check(nameof(options.Delivery), Enum.IsDefined(options.Delivery), "must be Push, Notify or Off");
        Check(nameof(options.PushTo), Enum.IsDefined(options.PushTo), "must be User or Newest");
        Check(nameof(options.Encapsulation), Enum.IsDefined(options.Encapsulation), "must be Auto, Sip or Cpim");
        Check(nameof(options.MaxMessageBytes), options.MaxMessageBytes is >= 1024 and <= 64 * 1024 * 1024,
            "must be 1024 to 67108864");
        Check(nameof(options.MaxMessagesPerUser), options.MaxMessagesPerUser is >= 1 and <= 1_000_000,
            "must be 1 to 1000000");
        Check(nameof(options.MaxBytesPerUser), options.MaxBytesPerUser >= options.MaxMessageBytes,
            $"must not be less than {nameof(options.MaxMessageBytes)}");
        Check(nameof(options.MaxMessages), options.MaxMessages >= 1, "must be 1 at least");
        Check(nameof(options.MaxBytes), options.MaxBytes >= options.MaxMessageBytes,
            $"must not be less than {nameof(options.MaxMessageBytes)}");
        Check(nameof(options.KeepFor), options.KeepFor >= TimeSpan.FromSeconds(1) && options.KeepFor <= _longest,
            "must be 00:00:01 to 3650 days");
        Check(nameof(options.Window), options.Window is >= 1 and <= 64, "must be 1 to 64");
        Check(nameof(options.PushAttempts), options.PushAttempts is >= 1 and <= 20, "must be 1 to 20");
        Check(nameof(options.PushRetryInterval),
            options.PushRetryInterval >= TimeSpan.FromMilliseconds(100) && options.PushRetryInterval <= TimeSpan.FromDays(1),
            "must be 00:00:00.1 to one day");
        Check(nameof(options.MaxSessions), options.MaxSessions is >= 1 and <= 1_000_000, "must be 1 to 1000000");
        Check(nameof(options.MaxSessionsPerSender), options.MaxSessionsPerSender is >= 1 and <= 1_000_000,
            "must be 1 to 1000000");
        Check(nameof(options.IdleTimeout),
            options.IdleTimeout >= TimeSpan.FromSeconds(1) && options.IdleTimeout <= TimeSpan.FromDays(1),
            "must be 00:00:01 to one day");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, bool isValid, string rule)
        {
            if (!isValid)
                failures.Add($"{DeferredOptions.Section}:{key} {rule}");
        }
    }

    private bool IsOurs(string text) =>
        SipUri.TryParse(text, out var uri)
        && SipUri.TryParse(controlling.Value.ConferenceFactory, out var factory)
        && uri.Host.Equals(factory.Host, StringComparison.OrdinalIgnoreCase)
        && !uri.SameAddress(factory);
}
