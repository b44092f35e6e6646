using System.Diagnostics.CodeAnalysis;
using ImSidecar.Client.Msrp;

namespace ImSidecar.Client.Messages;

/// <summary>What the server has kept for us, each message once however often it is brought; RFC 4975 7.1.</summary>
public sealed class DeferredInbox
{
    private const int MaxRemembered = 100_000;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>How many came again.</summary>
    public int Repetitions { get; private set; }

    /// <summary>False: it is none, or we have it already.</summary>
    public bool TryTake(MsrpMessage message, [NotNullWhen(true)] out DeferredText? text)
    {
        text = DeferredText.Of(message);
        if (text is null)
            return false;

        lock (_gate)
        {
            if (_known.Count == MaxRemembered)
                _known.Clear();

            if (_known.Add(text.PushId))
                return true;

            Repetitions++;
            return false;
        }
    }
}
