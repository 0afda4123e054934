_jobctl_completion() {
    local IFS=$'\n'
    COMPREPLY=( $(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" \
        _JOBCTL_COMPLETE=complete_bash "$1" 2>/dev/null) )
}
complete -o default -F _jobctl_completion jobctl
