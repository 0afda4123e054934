function __jobctl_complete
    set -l words (commandline -opc) (commandline -ct)
    env COMP_WORDS="$words" COMP_CWORD=(math (count $words) - 1) \
        _JOBCTL_COMPLETE=complete_bash $words[1] 2>/dev/null
end
complete --command jobctl --no-files --arguments '(__jobctl_complete)'
