using System.CommandLine;

namespace ImSidecar.Cli.Commands;

/// <summary>completion: what a shell has to run so that it completes commands and options.</summary>
internal static class CompletionCommand
{
    // The command line itself says what may follow: [suggest:POSITION] "LINE".
    private const string Bash = """
        # imsidecarctl: completion for bash. Put it into /etc/bash_completion.d/imsidecarctl.
        _imsidecarctl() {
            local word="${COMP_WORDS[COMP_CWORD]}" IFS=$'\n'
            local words="$(imsidecarctl "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)"
            COMPREPLY=($(compgen -W "${words}" -- "${word}"))
        }
        complete -o default -F _imsidecarctl imsidecarctl
        """;

    private const string Zsh = """
        #compdef imsidecarctl
        # imsidecarctl: completion for zsh. Put it into a folder of $fpath as _imsidecarctl.
        _imsidecarctl() {
            local -a found
            found=("${(@f)$(imsidecarctl "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a found
        }
        compdef _imsidecarctl imsidecarctl
        """;

    private const string Fish = """
        # imsidecarctl: completion for fish. Put it into /etc/fish/completions/imsidecarctl.fish.
        function __imsidecarctl
            set -l line (commandline -cp)
            imsidecarctl "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -f -c imsidecarctl -a '(__imsidecarctl)'
        """;

    public static Command Create(Shell shell)
    {
        var kind = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        kind.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Prints what a shell needs to complete commands and options.") { kind };
        command.SetAction(parsed => shell.Screen.Output.WriteLine(parsed.GetValue(kind) switch
        {
            "zsh" => Zsh,
            "fish" => Fish,
            _ => Bash,
        }));
        return command;
    }
}
