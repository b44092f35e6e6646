using System.Collections.Immutable;

namespace ImSidecar.Protocol.Sip;

/// <summary>What a dialog may take from Contact and Record-Route, RFC 3261 12.1 and 19.1.1.</summary>
public static class DialogAddress
{
    /// <summary>Characters of a route set; it goes out again with each request of the dialog.</summary>
    public const int MaxRouteSet = 8192;

    public static bool IsTarget(SipUri uri) => uri.Scheme is "sip" or "sips" && uri.Headers.Length == 0;

    public static bool IsRouteSet(ImmutableArray<string> routeSet) =>
        routeSet.Sum(route => route.Length) <= MaxRouteSet;
}
