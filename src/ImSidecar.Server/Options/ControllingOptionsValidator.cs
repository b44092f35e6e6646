using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Options;

/// <summary>Checks the section "Controlling" at start; each complaint names its key.</summary>
internal sealed class ControllingOptionsValidator : IValidateOptions<ControllingOptions>
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(30);

    public ValidateOptionsResult Validate(string? name, ControllingOptions options)
    {
        List<string> failures = [];
        CheckUri(nameof(options.ConferenceFactory), options.ConferenceFactory);
        for (var i = 0; i < options.Barred.Count; i++)
            CheckUri($"{nameof(options.Barred)}:{i}", options.Barred[i]);
        for (var i = 0; i < options.HistoryFunctions.Count; i++)
            CheckUri($"{nameof(options.HistoryFunctions)}:{i}", options.HistoryFunctions[i]);
        CheckUsers(nameof(options.MayStart), options.MayStart);
        CheckUsers(nameof(options.MayStartGroups), options.MayStartGroups);
        CheckUsers(nameof(options.MayBeInvited), options.MayBeInvited);
        CheckUsers(nameof(options.MayInvokeHistory), options.MayInvokeHistory);
        Check(nameof(options.GroupDomain), IsHost(options.GroupDomain), "must be a host name");
        // There a user could claim the factory or a session as his group.
        Check(
            nameof(options.GroupDomain), !IsDomainOfFactory(options.GroupDomain, options.ConferenceFactory),
            "must be another domain than that of ConferenceFactory");
        Check(
            nameof(options.MaxAdHocParticipants), options.MaxAdHocParticipants is >= 2 and <= 1000,
            "must be 2 to 1000");
        Check(
            nameof(options.MaxGroupParticipants), options.MaxGroupParticipants is >= 1 and <= 10_000,
            "must be 1 to 10000");
        Check(
            nameof(options.InvitationsPerSecond), options.InvitationsPerSecond is 0 or (>= 10 and <= 100_000),
            "must be 10 to 100000, or 0: all at once");
        CheckMessages();
        Check(
            nameof(options.AccessWithdrawn), Enum.IsDefined(options.AccessWithdrawn),
            "must be RefuseNewJoins or Remove");
        Check(
            nameof(options.MaxSubscriptionsPerUser), options.MaxSubscriptionsPerUser is >= 1 and <= 1000,
            "must be 1 to 1000");
        Check(
            nameof(options.MaxSubscriptions), options.MaxSubscriptions is >= 0 and <= 10_000_000,
            "must be 0 to 10000000");
        CheckTime(nameof(options.ShortestRepeat), options.ShortestRepeat);
        Check(
            nameof(options.MaxDocumentSubscriptions), options.MaxDocumentSubscriptions is >= 0 and <= 1_000_000,
            "must be 0 to 1000000");
        Check(nameof(options.UnknownSessionCode), options.UnknownSessionCode is 403 or 404, "must be 403 or 404");
        Check(
            nameof(options.AllRefused), Enum.IsDefined(options.AllRefused),
            "must be Lowest, HighestClass or Fixed480");
        Check(
            nameof(options.ServerToken), IsHeaderText(options.ServerToken),
            "must be a product token such as IM-serv/OMA1.0");
        Check(
            nameof(options.Ioi),
            options.Ioi.Length == 0 || IsHeaderText(options.Ioi) && ChargingVector.IsValue(options.Ioi),
            "must be a host name or a quoted string");
        Check(
            nameof(options.AcceptTypes), options.AcceptTypes.Length > 0 && AreTypes(options.AcceptTypes),
            "must name media types");
        Check(nameof(options.AcceptWrappedTypes), AreTypes(options.AcceptWrappedTypes), "must name media types");
        Check(
            nameof(options.NoAnswer), IsWithin(options.NoAnswer, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(120)),
            "must be 1 to 120 seconds, for Kamailio ends an INVITE after 180");
        CheckTime(nameof(options.TransactionDeadline), options.TransactionDeadline);
        CheckTime(nameof(options.MinSessionInterval), options.MinSessionInterval);
        CheckTime(nameof(options.SubscriptionDuration), options.SubscriptionDuration);
        CheckTime(nameof(options.ForgetAfter), options.ForgetAfter);
        Check(
            nameof(options.SessionInterval), IsWithin(options.SessionInterval, options.MinSessionInterval, _longest),
            "must be at least MinSessionInterval");
        Check(
            nameof(options.MinSubscriptionDuration),
            IsWithin(options.MinSubscriptionDuration, TimeSpan.Zero, options.SubscriptionDuration),
            "must be at most SubscriptionDuration");
        Check(
            nameof(options.NotifyInterval), IsWithin(options.NotifyInterval, TimeSpan.Zero, _longest),
            "must not be negative");
        Check(
            nameof(options.MediaReconnect), IsWithin(options.MediaReconnect, TimeSpan.Zero, _longest),
            "must not be negative");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, bool isValid, string rule)
        {
            if (!isValid)
                failures.Add($"{ControllingOptions.Section}:{key} {rule}");
        }

        void CheckMessages()
        {
            Check(
                nameof(options.ListServer),
                options.ListServer.Length == 0 || IsBesideFactory(options.ListServer, options.ConferenceFactory),
                "must be a SIP URI in the domain of ConferenceFactory");
            Check(
                nameof(options.MaxMessageRecipients), options.MaxMessageRecipients is >= 1 and <= 1000,
                "must be 1 to 1000");
            Check(
                nameof(options.MaxPageMessageBytes), options.MaxPageMessageBytes is >= 256 and <= 524_288,
                "must be 256 to 524288");
            Check(
                nameof(options.MaxPageMessages), options.MaxPageMessages is >= 0 and <= 1_000_000,
                "must be 0 to 1000000");
            Check(
                nameof(options.MaxPageMessagesPerUser), options.MaxPageMessagesPerUser is >= 1 and <= 1_000_000,
                "must be 1 to 1000000");
            Check(nameof(options.MessageAttempts), options.MessageAttempts is >= 1 and <= 10, "must be 1 to 10");
            CheckTime(nameof(options.MessageRetryInterval), options.MessageRetryInterval);
            CheckTime(nameof(options.AggregateImdnFor), options.AggregateImdnFor);
            Check(
                nameof(options.ImdnLifetime), IsWithin(options.ImdnLifetime, options.AggregateImdnFor, _longest),
                "must be at least AggregateImdnFor");
        }

        void CheckUri(string key, string value) =>
            Check(key, SipUri.TryParse(value, out _), $"\"{value}\" is no SIP URI");

        void CheckUsers(string key, IReadOnlyList<string> entries)
        {
            for (var i = 0; i < entries.Count; i++)
                Check(
                    $"{key}:{i}", UserList.TryParse([entries[i]], out _),
                    $"\"{entries[i]}\" is neither a SIP URI nor a domain");
        }

        void CheckTime(string key, TimeSpan value) =>
            Check(key, value > TimeSpan.Zero && value <= _longest, "must be more than 0");
    }

    private static bool IsHost(string text) => Uri.CheckHostName(text) != UriHostNameType.Unknown;

    private static bool IsDomainOfFactory(string domain, string factory) =>
        SipUri.TryParse(factory, out var uri)
        && uri.Host.TrimEnd('.').Equals(domain.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    private static bool IsBesideFactory(string server, string factory) =>
        SipUri.TryParse(server, out var uri) && uri.User.Length > 0 && IsDomainOfFactory(uri.Host, factory);

    private static bool IsWithin(TimeSpan value, TimeSpan least, TimeSpan most) => value >= least && value <= most;

    private static bool AreTypes(string text) => ControllingOptions.Words(text).All(IsHeaderText);

    private static bool IsHeaderText(string text) =>
        text.Length is > 0 and <= 200 && text.All(c => c is > ' ' and < (char)127);
}
