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
    } 2>/dev/null <<<"$(env COMP_WORDS="$line" COMP_WORD="${2-${COMP_WORDS[COMP_CWORD]}}" \
        _JOBCTL_COMPLETE=complete_bash "${1/#\~/$HOME}" 2>/dev/null)"
}
complete -F _jobctl_completion jobctl
