using System.Net;
using System.Net.Sockets;
using System.Text;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Sipp;

/// <summary>The MSRP side of a SIPp that has none: lets the switch connect and says nothing.</summary>
internal sealed class MsrpListener : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _connections = [];

    public MsrpListener() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What the switch says first when it connects.</summary>
    public async Task<string> FirstRequestAsync()
    {
        var connection = await Within(_listener.AcceptTcpClientAsync());
        _connections.Add(connection);
        using var reader = new StreamReader(connection.GetStream(), Encoding.UTF8, leaveOpen: true);
        var request = new StringBuilder();
        string? line;
        do
            request.AppendLine(line = await Within(reader.ReadLineAsync()));
        while (line is not null && !line.StartsWith("-------", StringComparison.Ordinal));

        return request.ToString();
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        _listener.Dispose();
    }
}
