"""`jobctl completion`: the scripts that let a shell complete jobctl's command lines.

The scripts hand over the line and show what comes back; what that means to which shell is told in
`shells`. typer's own protocols load rich at every key, and quote nothing.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from jobctl.cli.options import Shell
from jobctl.cli.parsing import COMPLETE

_BASH = """\
_jobctl_completion() {
    local line=${COMP_LINE-${COMP_WORDS[*]}} kind offer
    line=${line:0:${COMP_POINT-${#line}}}
    COMPREPLY=()
    {
        read -r kind
        case $kind in
            files) compopt -o default ;;
            open) compopt -o nospace ;;
        esac
        while IFS= read -r offer; do COMPREPLY+=("$offer"); done
    } 2>/dev/null <<<"$(env COMP_WORDS="$line" COMP_WORD="${2-${COMP_WORDS[COMP_CWORD]}}" \\
        _JOBCTL_COMPLETE=complete_bash "${1/#\\~/$HOME}" 2>/dev/null)"
}
complete -F _jobctl_completion jobctl
"""
_ZSH = """\
#compdef jobctl
_jobctl() {
    local line="${(pj:\\x1f:)${(@Q)words[1,CURRENT-1]}}"$'\\x1f'$QIPREFIX$PREFIX
    local -a answer offers
    answer=("${(@f)$(env COMP_WORDS="$line" _JOBCTL_COMPLETE=complete_zsh \\
        "${${(Q)words[1]}/#\\~/$HOME}" 2>/dev/null)}")
    offers=("${(@)answer[2,-1]}")
    case $answer[1] in
        files)
            [[ $PREFIX == --*=* ]] && compset -P 1 '*='
            _files
            ;;
        open) _describe -V jobctl offers -S '' ;;
        *) (( $#offers )) && _describe -V jobctl offers ;;
    esac
}
if [[ $funcstack[1] == _jobctl ]]; then
    _jobctl "$@"
else
    compdef _jobctl jobctl
fi
"""
_FISH = """\
function __jobctl_has_words
    set -l words (commandline -opc) (commandline -ct)
    set -l answer (env COMP_WORDS=(string join \\x1f -- $words | string collect) \\
        _JOBCTL_COMPLETE=complete_fish (string replace -r '^~' $HOME -- $words[1]) 2>/dev/null)
    set -g __jobctl_words $answer[2..]
    test "$answer[1]" != files
end
complete --command jobctl --condition __jobctl_has_words --no-files --keep-order \\
    --arguments '$__jobctl_words'
"""
_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName jobctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
                $_.Value
            } else {
                $_.Extent.Text
            }
        })
    if ($wordToComplete -eq '') { $words += '' }
    $env:COMP_WORDS = $words -join [char]0x1f
    $env:_JOBCTL_COMPLETE = 'complete_powershell'
    try {
        $kind, $offers = @(& $words[0] 2>$null)
    } finally {
        $env:COMP_WORDS = $env:_JOBCTL_COMPLETE = $null
    }
    if ($kind -eq 'files') { return }
    # without any answer PowerShell would offer files
    if (-not $offers) { return '' }
    $offers | ForEach-Object {
        $word, $name, $help = $_ -split "`t" | ForEach-Object { [uri]::UnescapeDataString($_) }
        [System.Management.Automation.CompletionResult]::new($word, $name, 'ParameterValue', $help)
    }
}
"""
SCRIPTS = {
    Shell.BASH: _BASH,
    Shell.ZSH: _ZSH,
    Shell.FISH: _FISH,
    Shell.POWERSHELL: _POWERSHELL,
}


def answer(root: Any, environ: Mapping[str, str]) -> Iterator[str]:
    """The lines that a shell which asks is answered with; none to one that is not known.

    `root` is the whole program's command.
    """
    from jobctl.cli.offers import Offers, offers
    from jobctl.cli.shells import DIALECTS

    name = environ[COMPLETE].removeprefix("complete_")
    if name not in DIALECTS:
        return
    dialect = DIALECTS[Shell(name)](environ)
    words, incomplete, _, redirected = dialect.line
    # as the shell will do when it runs the line
    own = [os.path.expanduser(word) for word in words[1:]]  # noqa: PTH111 - most are no paths
    found = Offers(files=True) if redirected else offers(root, own, incomplete)
    yield from dialect.lines(found)


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""

    @app.command("completion")
    def _completion(
        shell: Annotated[
            Shell, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")
        ],
    ) -> None:
        typer.echo(SCRIPTS[shell], nl=False)
