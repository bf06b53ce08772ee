#compdef strports
# Completion of strports for zsh: the program itself says what may follow.
_strports() {
    local line text help
    local -a whole whole_shown open open_shown
    for line in "${(@f)$(strports complete zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        text=${line%%$'\t'*}
        help=${line#*$'\t'}
        [[ -n $text ]] || continue
        # More follows behind a type, a keyword or a folder.
        if [[ $text == *[:=/] ]]; then
            open+=("$text")
            open_shown+=("$text${help:+  -- $help}")
        else
            whole+=("$text")
            whole_shown+=("$text${help:+  -- $help}")
        fi
    done
    (( $#open )) && compadd -S '' -d open_shown -a open
    (( $#whole )) && compadd -d whole_shown -a whole
}
if [[ ${funcstack[1]} == _strports ]]; then
    _strports "$@"
else
    compdef _strports strports
fi
