# fish completion for councilgate(8). It asks the program for its commands and flags,
# so that it knows what the program knows.

function __councilgate_commands
    councilgate -h 2>&1 | string match -r '^  [a-z]+  .*' | string replace -r '^  ([a-z]+) +' '$1\t'
end

function __councilgate_flags
    set -l words (commandline -opc)
    councilgate $words[2] -h 2>&1 | string match -r '^  -[a-z.-]+' | string trim
end

complete -c councilgate -n __fish_use_subcommand -f -a '(__councilgate_commands)'
complete -c councilgate -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -f -a '(__councilgate_flags)'
