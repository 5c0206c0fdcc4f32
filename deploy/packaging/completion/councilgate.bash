# bash completion for councilgate(8). It asks the program for its commands and flags,
# so that it knows what the program knows.

_councilgate() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]-} before=${COMP_WORDS[COMP_CWORD - 1]-}
    local program=${COMP_WORDS[0]} choices=
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        choices=$("$program" -h 2>&1 | sed -n 's/^  \([a-z]\{1,\}\)  .*/\1/p')
    elif [[ $word == -* ]]; then
        choices=$("$program" "$command" -h 2>&1 | sed -n 's/^  \(-[a-z.-]*\).*/\1/p')
    else
        case $before in
        -log) choices='text json' ;;
        -log-level) choices='debug info warn error' ;;
        -rule) choices='quoted-sensitive own-sensitive private-forward mass-mailing solicits-sensitive' ;;
        -from | -to | -auth | -dns | -socket-mode) return ;;
        -socket-group)
            mapfile -t COMPREPLY < <(compgen -g -- "$word")
            return
            ;;
        *)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
}
complete -F _councilgate councilgate
