using ImSidecar.Client.Commands;
using ImSidecar.Client.Demo;

const string usage = """
    imclient handset --user NAME [--password P] [--domain D] [--proxy IP:PORT] [--transport udp|tcp] [--name TEXT]
                     [--block-list FILE]
        A handset: one command per line on the input ("help" lists them), one JSON event per line on the output.
    imclient demo [--proxy IP:PORT] [--core PORT] [--msrp PORT] [--domain D] [--im-domain D] [--password P]
                  [--capture FILE]
        Plays the scene of the demo against a running Kamailio and sidecar and shows what went over the wire.
    """;

try
{
    switch (args)
    {
        case ["handset", .. var rest]:
            return await HandsetCommand.RunAsync(CommandLine.Parse(rest), Console.In, Console.Out);
        case ["demo", .. var rest]:
            return await DemoCommand.RunAsync(CommandLine.Parse(rest), Console.Out);
        default:
            Console.Error.WriteLine(usage);
            return 2;
    }
}
catch (UsageException error)
{
    Console.Error.WriteLine($"imclient: {error.Message}");
    return 2;
}
