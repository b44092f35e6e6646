using ImSidecar.Client.Commands;
using ImSidecar.Client.Demo;

const string usage = """
    imclient --user NAME|URI (--group URI | --with URI [--with URI ...] | --call URI | --wait)
             [--server HOST[:PORT]] [--transport udp|tcp] [--domain D] [--name TEXT] [--subject TEXT] [--factory URI]
             [--password-file FILE] [--privacy] [--block-list FILE] [--verbose] [--tls | --websocket URL]
             [--xcap ROOT [--xcap-identity HEADER] [--xcap-password-file FILE]] [--relay msrps://HOST:PORT ...]
        Chats: what you type is said, "/help" lists the rest. The password is in the file, IMCLIENT_PASSWORD or asked.
        Ends with 0, with 1 if refused, with 2 for a wrong command line.
    imclient handset --user NAME [--password P] [--domain D] [--proxy IP:PORT] [--transport udp|tcp] [--name TEXT]
                     [--block-list FILE] [--xcap ROOT [--xcap-identity HEADER] [--xcap-password-file FILE]]
                     [--relay msrps://HOST:PORT ...]
        A handset: one command per line on the input ("help" lists them), one JSON event per line on the output.
    imclient demo [--proxy IP:PORT] [--core PORT] [--msrp PORT] [--domain D] [--im-domain D] [--password P]
                  [--capture FILE] [--operator SCRIPT --folder FOLDER]
        Plays the scenes of the demo against a running Kamailio and sidecar and shows what went over the wire;
        the last one only where the script may restart the sidecar of the folder.
    """;

try
{
    switch (args)
    {
        case ["handset", .. var rest]:
            return await HandsetCommand.RunAsync(CommandLine.Parse(rest, lists: [RelayOption.Name]), Console.In, Console.Out);
        case ["demo", .. var rest]:
            return await DemoCommand.RunAsync(CommandLine.Parse(rest), Console.Out);
        case ["--help" or "-h" or "help", ..]:
            Console.WriteLine(usage);
            return 0;
        case ["chat", .. var rest]:
            return await ChatCommand.RunAsync(rest, Console.In);
        case [['-', '-', ..], ..]:
            return await ChatCommand.RunAsync(args, Console.In);
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
