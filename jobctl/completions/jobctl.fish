function __jobctl_has_words
    set -l words (commandline -opc) (commandline -ct)
    set -l answer (env COMP_WORDS=(string join \x1f -- $words | string collect) \
        _JOBCTL_COMPLETE=complete_fish (string replace -r '^~' $HOME -- $words[1]) 2>/dev/null)
    set -g __jobctl_words $answer[2..]
    test "$answer[1]" != files
end
complete --command jobctl --condition __jobctl_has_words --no-files --keep-order \
    --arguments '$__jobctl_words'
