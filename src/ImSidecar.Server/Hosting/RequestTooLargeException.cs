using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>A request of ours that no link takes.</summary>
internal sealed class RequestTooLargeException(ActionKey key) : Exception("The request is too large for the link")
{
    public ActionKey Key => key;
}
