using ImSidecar.Server.Lifecycle;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>What the process is asked for, and what it does not understand.</summary>
public class CommandLineTests
{
    [Fact]
    public void Without_arguments_it_runs_with_the_usual_file()
    {
        var line = Parse();

        Assert.Equal(("", Asked.Run, "/etc/imsidecar/imsidecar.json"), (line.Role, line.Asked, line.File));
        Assert.Empty(line.Keys);
    }

    [Fact]
    public void Role_file_and_keys_are_read_in_both_forms()
    {
        var line = Parse("msrp", "--config", "/a.json", "--Msrp:Listen=127.0.0.1:1=2", "--Relay:Realm", "r");

        Assert.Equal(("msrp", "/a.json"), (line.Role, line.File));
        Assert.Equal(
            [KeyValuePair.Create("Msrp:Listen", (string?)"127.0.0.1:1=2"), KeyValuePair.Create("Relay:Realm", (string?)"r")],
            line.Keys);
        Assert.Equal("/b.json", Parse("--config=/b.json").File);
    }

    [Fact]
    public void Of_a_key_that_is_said_twice_the_last_one_counts()
    {
        var line = Parse("--Relay:Realm=r", "--Store:Path=/a", "--relay:realm", "s");

        Assert.Equal(
            [KeyValuePair.Create("Store:Path", (string?)"/a"), KeyValuePair.Create("relay:realm", (string?)"s")],
            line.Keys);
    }

    [Fact]
    public void Questions_are_told_from_a_start()
    {
        Assert.Equal(Asked.Check, Parse("--check-config").Asked);
        Assert.Equal(Asked.Check, Parse("msrp", "--check-config", "--config=/a.json").Asked);
        Assert.Equal(Asked.Version, Parse("--version").Asked);
        Assert.Equal(Asked.Help, Parse("--check-config", "--help").Asked);
        Assert.Equal(Asked.Help, Parse("-h", "--version").Asked);
        var import = Parse("--import-sqlite", "/a.db", "--config=/a.json");
        Assert.Equal((Asked.Import, "/a.db", "/a.json"), (import.Asked, import.Import, import.File));
    }

    [Theory]
    [InlineData("start is no option", "start")]
    [InlineData("msrp is no option", "--version", "msrp")]
    [InlineData("-c is no option", "-c", "/a.json")]
    [InlineData("--confg is no option", "--confg=/a.json")]
    [InlineData("--config needs a value", "--config")]
    [InlineData("--config needs a value", "--config", "--check-config")]
    [InlineData("--Store:Path needs a value", "--Store:Path")]
    [InlineData("--check-config takes no value", "--check-config=yes")]
    [InlineData("--config needs the name of a file", "--config=")]
    [InlineData("--import-sqlite needs a value", "--import-sqlite")]
    [InlineData("--import-sqlite needs the name of a file", "--import-sqlite=")]
    [InlineData("--import-sqlite is nothing for msrp", "msrp", "--import-sqlite=/a.db")]
    public void What_is_no_argument_is_named(string complaint, params string[] arguments)
    {
        Assert.False(CommandLine.TryParse(arguments, out _, out var error));
        Assert.Equal(complaint + "; imsidecar --help tells what there is", error);
    }

    private static CommandLine Parse(params string[] arguments)
    {
        Assert.True(CommandLine.TryParse(arguments, out var line, out var error), error);
        return line;
    }
}
