# Completion of strports for fish: the program itself says what may follow.
function __strports_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    strports complete fish -- $words "$current" 2>/dev/null
end
complete -c strports -f -a '(__strports_complete)'
