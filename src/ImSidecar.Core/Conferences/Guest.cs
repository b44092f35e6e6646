namespace ImSidecar.Core.Conferences;

/// <summary>
/// An address that may come into an ad-hoc or one-to-one session again, IM 7.2.2.9; who has several has several.
/// </summary>
/// <param name="Key">Person key of the address.</param>
/// <param name="Participant">Id of the last part its user had, or has, in the session.</param>
public sealed record Guest(string Key, string Participant);
