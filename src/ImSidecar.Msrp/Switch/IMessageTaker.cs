using System.Buffers;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>Takes the SENDs of one leg, frame by frame. Only the reader of its connection calls it.</summary>
internal interface IMessageTaker
{
    void OnHead(MsrpHead head);

    void OnBody(in ReadOnlySequence<byte> body);

    void OnEnd(MsrpFlag flag);

    /// <summary>The connection or the leg is over: what came of messages is not the whole of them.</summary>
    void Abandon();

    /// <summary>Nothing more should be read now; <see cref="WaitAsync"/> says how long.</summary>
    bool MustWait { get; }

    /// <summary>Ends early when <paramref name="woken"/> does.</summary>
    Task WaitAsync(Task woken);
}
