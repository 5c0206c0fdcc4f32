#compdef councilgate
# zsh completion for councilgate(8). It asks the program for its commands and flags,
# so that it knows what the program knows.

local -a choices
if ((CURRENT == 2)); then
    choices=(${(f)"$($words[1] -h 2>&1 | sed -n 's/^  \([a-z]\{1,\}\)   *\(.*\)/\1:\2/p')"})
    _describe command choices
elif [[ $PREFIX == -* ]]; then
    choices=($($words[1] $words[2] -h 2>&1 | sed -n 's/^  \(-[a-z.-]*\).*/\1/p'))
    compadd -a choices
else
    case ${words[CURRENT - 1]} in
    -log) compadd text json ;;
    -log-level) compadd debug info warn error ;;
    -rule) compadd quoted-sensitive own-sensitive private-forward mass-mailing solicits-sensitive ;;
    -from | -to | -auth | -dns | -socket-mode) ;;
    -socket-group) _groups ;;
    *) _files ;;
    esac
fi
