"""`jobctl completion`: the scripts that let a shell complete jobctl's command lines.

All shells speak to jobctl alike, in the way bash does (the words in COMP_WORDS, the number of the
word to complete in COMP_CWORD): typer's protocols for the other shells load rich at every key.
"""

from typing import Annotated

import typer

from jobctl.cli.options import Shell

_BASH = """\
_jobctl_completion() {
    local IFS=$'\\n'
    COMPREPLY=( $(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" \\
        _JOBCTL_COMPLETE=complete_bash "$1" 2>/dev/null) )
}
complete -o default -F _jobctl_completion jobctl
"""
_ZSH = """\
#compdef jobctl
_jobctl() {
    local -a offers
    offers=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT - 1)) \\
        _JOBCTL_COMPLETE=complete_bash "${words[1]}" 2>/dev/null)}")
    offers=(${offers:#})
    (( $#offers )) && compadd -- $offers || _files
}
if [[ $funcstack[1] == _jobctl ]]; then
    _jobctl "$@"
else
    compdef _jobctl jobctl
fi
"""
_FISH = """\
function __jobctl_complete
    set -l words (commandline -opc) (commandline -ct)
    env COMP_WORDS="$words" COMP_CWORD=(math (count $words) - 1) \\
        _JOBCTL_COMPLETE=complete_bash $words[1] 2>/dev/null
end
complete --command jobctl --no-files --arguments '(__jobctl_complete)'
"""
_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName jobctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | ForEach-Object { $_.ToString() })
    if ($wordToComplete -eq '') { $words += '' }
    $env:COMP_WORDS = $words -join ' '
    $env:COMP_CWORD = $words.Count - 1
    $env:_JOBCTL_COMPLETE = 'complete_bash'
    try {
        & $words[0] 2>$null | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_)
        }
    } finally {
        Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:_JOBCTL_COMPLETE
    }
}
"""
SCRIPTS = {
    Shell.BASH: _BASH,
    Shell.ZSH: _ZSH,
    Shell.FISH: _FISH,
    Shell.POWERSHELL: _POWERSHELL,
}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""

    @app.command("completion", help="Show a shell's completion script.")
    def _completion(
        shell: Annotated[
            Shell, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")
        ],
    ) -> None:
        typer.echo(SCRIPTS[shell], nl=False)
