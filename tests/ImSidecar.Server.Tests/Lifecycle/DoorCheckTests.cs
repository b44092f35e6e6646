using System.Net;
using System.Net.Sockets;
using ImSidecar.Server.Lifecycle;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>Doors that cannot be opened are named by their keys, before anything is opened.</summary>
public sealed class DoorCheckTests : IDisposable
{
    private readonly RunOfSidecar _sidecar = new();

    public void Dispose() => _sidecar.Dispose();

    [Fact]
    public async Task Ports_and_sockets_in_use_are_told_all_at_once_each_with_its_own_key()
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        using var gateway = Listen(_sidecar.PathOf("gateway.sock"));

        var (code, _, errors) = await _sidecar.ToEndAsync($"--Msrp:Listen={port.LocalEndpoint}");

        Assert.Equal(ExitCode.Unavailable, code);
        Assert.Equal(
            [
                $"imsidecar: Gateway:Socket {_sidecar.PathOf("gateway.sock")} is in use: another sidecar listens there"
                    + $" ({_sidecar.File})",
                $"imsidecar: Msrp:Listen {port.LocalEndpoint} is in use by another process (the command line)",
            ],
            errors);
        Assert.True(File.Exists(_sidecar.PathOf("gateway.sock")), "The socket of the living one is gone");
    }

    [Fact]
    public void A_free_door_is_left_as_it_was()
    {
        var path = _sidecar.PathOf("new.sock");

        Assert.Empty(DoorCheck.Complaints([Socket(path), new("Http:Listen", new IPEndPoint(IPAddress.Loopback, 0))]));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void What_a_killed_process_left_is_no_hindrance()
    {
        var path = _sidecar.PathOf("left.sock");
        using (Listen(path))
            File.Move(path, path + ".kept");
        File.Move(path + ".kept", path);

        Assert.Empty(DoorCheck.Complaints([Socket(path)]));
    }

    [Fact]
    public void Why_a_socket_cannot_be_made_is_said()
    {
        File.WriteAllText(_sidecar.PathOf("text"), "no socket");
        Directory.CreateDirectory(_sidecar.PathOf("folder"));

        Assert.Equal(
            [
                "Admin:Socket /nowhere/admin.sock cannot be made: there is no folder /nowhere",
                $"Admin:Socket {_sidecar.PathOf("text")} is a file, not a socket",
                $"Admin:Socket {_sidecar.PathOf("folder")} is a folder, not a socket",
            ],
            DoorCheck.Complaints(
                [Socket("/nowhere/admin.sock"), Socket(_sidecar.PathOf("text")), Socket(_sidecar.PathOf("folder"))]));
    }

    [Fact]
    public void An_address_of_another_machine_is_told()
    {
        var complaint = Assert.Single(DoorCheck.Complaints([new("Http:Listen", IPEndPoint.Parse("192.0.2.1:8080"))]));

        Assert.Equal("Http:Listen 192.0.2.1:8080 is no address of this machine", complaint);
    }

    [Fact]
    public void Addresses_that_this_machine_does_not_know_are_told_with_the_key()
    {
        var complaint = Assert.Single(DoorCheck.Complaints([new("Http:Listen", new UnknownEndPoint())]));

        Assert.Equal("Http:Listen 127.0.0.1:0 cannot be opened: no such addresses here (IPv6 off?)", complaint);
    }

    [Theory]
    [InlineData("127.0.0.1:80", "127.0.0.1:80", true)]
    [InlineData("127.0.0.1:80", "0.0.0.0:80", true)]
    [InlineData("[::]:80", "127.0.0.1:80", true)]
    [InlineData("127.0.0.1:80", "127.0.0.2:80", false)]
    [InlineData("127.0.0.1:80", "127.0.0.1:81", false)]
    [InlineData("127.0.0.1:0", "127.0.0.1:0", false)]
    public void Two_keys_for_one_door_are_told(string one, string other, bool areOne)
    {
        var conflicts = DoorCheck.Conflicts(
            [new("Http:Listen", IPEndPoint.Parse(one)), new("Msrp:Listen", IPEndPoint.Parse(other))]);

        Assert.Equal(areOne ? [$"Msrp:Listen {other} is where Http:Listen listens already"] : [], conflicts);
    }

    // As IPv6 is where it is switched off.
    private sealed class UnknownEndPoint() : IPEndPoint(IPAddress.Loopback, 0)
    {
        public override AddressFamily AddressFamily => AddressFamily.NetBios;
    }

    private static Door Socket(string path) => new("Admin:Socket", new UnixDomainSocketEndPoint(path));

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }
}
