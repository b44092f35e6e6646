using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Options;

/// <summary>
/// Section "Participating": whose users are served, and how; for the rules <see cref="ParticipatingPolicy"/>.
/// </summary>
internal sealed record ParticipatingOptions
{
    public const string Section = "Participating";

    /// <summary>Domains of users; none: nobody is served.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Registrar, ThirdParty; "None": nobody tells, the core finds out.</summary>
    public string RegistrationSources { get; init; } = nameof(RegistrationSource.Registrar);

    public int RejectStatus { get; init; } = 403;

    public bool PoliteBlock { get; init; }

    public bool RejectAnonymous { get; init; }

    public int MaxServedUsers { get; init; } = 200_000;

    public int MaxContacts { get; init; } = 10;

    public ParticipatingPolicy ToPolicy() => new()
    {
        Domains = [.. Domains.Select(domain => domain.TrimEnd('.'))],
        Sources = TryReadSources(RegistrationSources, out var sources)
            ? [.. sources]
            : throw new FormatException("Not a source of registrations"),
        RejectStatus = SipStatus.Refusal(RejectStatus),
        PoliteBlock = PoliteBlock,
        RejectAnonymous = RejectAnonymous,
        MaxServedUsers = MaxServedUsers,
        MaxContacts = MaxContacts,
    };

    internal static bool TryReadSources(string text, out IReadOnlyList<RegistrationSource> sources)
    {
        List<RegistrationSource> read = [];
        sources = read;
        if (text == "None")
            return true;

        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Enum.GetNames<RegistrationSource>().Contains(word, StringComparer.Ordinal))
                return false;

            read.Add(Enum.Parse<RegistrationSource>(word));
        }

        return read.Count > 0;
    }
}
