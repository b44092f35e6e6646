using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Identity;

/// <summary>IM 5.5 Display Name: the name others see, by priority.</summary>
internal static class DisplayName
{
    private const int MaxLength = 128;

    public static string? Of(ImRequest request) =>
        Bounded(request.From.DisplayName ?? request.OriginatorAddress?.DisplayName);

    public static string? Bounded(string? name) =>
        name is not { Length: > MaxLength } ? name
        : char.IsHighSurrogate(name[MaxLength - 1]) ? name[..(MaxLength - 1)]
        : name[..MaxLength];
}
