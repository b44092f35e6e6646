using ImSidecar.Core.Deferred;
using ImSidecar.Msrp;

namespace ImSidecar.Server.Deferred;

/// <summary>A message on its way to its user: what it can still be packed as, and what has become of it.</summary>
internal sealed class Flight(DeferredMessage message, IEnumerable<Encapsulated> forms) : IDisposable
{
    private readonly IEnumerator<Encapsulated> _forms = forms.GetEnumerator();
    private TaskCompletionSource<int> _settled = New();
    private TaskCompletionSource<int> _reported = New();

    public DeferredMessage Message => message;

    // The same each time, so that a client knows a message that it has had already; RFC 4975 7.1.
    public string MessageId { get; } = FormattableString.Invariant($"defer-{message.Number:D6}");

    /// <summary>How the peer answered; 0: it is not known.</summary>
    public Task<int> Settled => _settled.Task;

    /// <summary>What was reported of it.</summary>
    public Task<int> Reported => _reported.Task;

    /// <summary>The next form; null: there is none left.</summary>
    public MsrpMessage? Next()
    {
        if (!_forms.MoveNext())
            return null;

        (_settled, _reported) = (New(), New());
        return new()
        {
            MessageId = MessageId,
            ContentType = _forms.Current.ContentType,
            Body = _forms.Current.Body,
            SuccessReport = true,
        };
    }

    public void OnSettled(int status) => _settled.TrySetResult(status);

    public void OnReported(int status) => _reported.TrySetResult(status);

    public void Dispose() => _forms.Dispose();

    private static TaskCompletionSource<int> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
