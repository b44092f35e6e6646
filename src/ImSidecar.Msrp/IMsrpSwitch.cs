using System.Threading.Channels;

namespace ImSidecar.Msrp;

/// <summary>The MSRP switch, RFC 7701 5.2: what one leg says the others of its bridge hear.</summary>
public interface IMsrpSwitch
{
    /// <summary>What happens to legs, in order. Read it all the time: it is bounded.</summary>
    ChannelReader<MsrpLegEvent> Events { get; }

    /// <summary>False while it cannot be reached: what is said to it then counts once it can be again.</summary>
    bool IsAvailable { get; }

    /// <summary>
    /// Opens a leg or tells what is new about one, by its session id. A leg keeps its connection as long as its remote
    /// path stays the same or is not known for a while; one that connects does so again when it has lost its connection.
    /// </summary>
    /// <returns>Ends when a peer that connects is taken for it.</returns>
    ValueTask OpenLegAsync(MsrpLeg leg);

    /// <summary>
    /// While the task of this moment has not ended, legs are still to be opened that peers know already: who names none that
    /// is there waits for a while before he hears that his session is over.
    /// </summary>
    void AwaitLegs(Func<Task> allAreOpen)
    {
        // A switch elsewhere is asked nothing before it knows all.
    }

    /// <summary>Closes a leg and its connection; nothing happens when there is none. No event tells of it.</summary>
    void CloseLeg(string sessionId);

    /// <summary>Answers a NICKNAME of that leg, RFC 7701 7; nothing happens when it waits no more.</summary>
    void AnswerNickname(string sessionId, string transaction, int status);

    /// <summary>
    /// Answers the last SEND of a message that came on a leg that ends here, once the host has it for good or not;
    /// nothing happens when it waits no more.
    /// </summary>
    void AnswerMessage(string sessionId, long token, int status, string? comment = null);

    /// <summary>
    /// Sends to the peer of a leg that ends here, which need not be connected yet. False: there is no such leg, or too
    /// much is under way; no event tells of it.
    /// </summary>
    bool Send(string sessionId, MsrpMessage message);
}
