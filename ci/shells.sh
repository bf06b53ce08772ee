#!/usr/bin/env bash
# Completes command lines in real shells, with `strports` from PATH, and compares the candidates.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
touch key.pem 'other key.pem'
mkdir certs
for shell in bash zsh fish; do
    strports completions "$shell" >"strports.$shell"
done

failed=0

# expect SHELL LINE WANTED: the candidates for LINE, one per line, must equal WANTED.
expect() {
    local shell=$1 line=$2 wanted=$3 found
    found=$("in_$shell" "$line")
    if [[ $found != "$wanted" ]]; then
        printf '%s: %s\n  offers:  %q\n  wanted:  %q\n' "$shell" "$line" "$found" "$wanted" >&2
        failed=1
    fi
}

in_bash() {
    bash --norc -c '
        source ./strports.bash
        COMP_LINE=$1
        COMP_POINT=${#COMP_LINE}
        _strports strports
        printf "%s\n" "${COMPREPLY[@]}"
    ' bash "$1"
}

in_fish() {
    fish --no-config -c 'source ./strports.fish; complete -C "$argv[1]"' "$1" | cut -f 1
}

# zsh completes only on a terminal, so it gets one; prints the line after the tab key.
in_zsh() {
    LINE=$1 zsh -f <<'END'
zmodload zsh/zpty
zpty inner zsh -f -i
inner() { zpty -w inner "$1"; }
inner "PS1=; PS2=; RPS1=; unsetopt zle_bracketed_paste; stty -echo; autoload -Uz compinit; compinit -u -D"
inner "source ./strports.zsh"
inner "finish() { print -r -- \"<<\$BUFFER>>\"; BUFFER=; zle accept-line }; zle -N finish; bindkey '^X' finish"
inner "print ready"
while zpty -r inner line; do [[ $line == *ready* && $line != *print* ]] && break; done
zpty -w -n inner "$LINE"$'\t\x18'
while zpty -r inner line; do
    if [[ $line == *'<<'*'>>'* ]]; then
        line=${line##*'<<'}
        print -r -- "${line%%'>>'*}"
        break
    fi
done
zpty -d inner
END
}

for shell in bash fish; do
    expect $shell 'strports expl' explain
    expect $shell 'strports explain un' unix:
    expect $shell 'strports explain --ro' --role
    expect $shell 'strports explain --role c' client
    expect $shell 'strports rule unescaped-i' unescaped-ipv6
    expect $shell 'strports convert --from hap' haproxy
    expect $shell 'strports completions z' zsh
done
# bash ends words at colons and equals signs, so candidates only contain the rest.
expect bash 'strports explain tcp:80:inter' interface=
expect bash 'strports explain unix:/a:lockfile=' $'0\n1'
expect bash "strports explain 'tcp:80:inter" tcp:80:interface=
expect bash 'strports explain ssl:443:privateKey=k' key.pem
expect bash 'strports explain ssl:443:privateKey=o' 'other\ key.pem'
expect bash 'strports relay tcp:80 tls:h:443:endpoint=uni' 'unix\\:'
expect fish 'strports explain tcp:80:inter' tcp:80:interface=
expect fish 'strports explain unix:/a:lockfile=' $'unix:/a:lockfile=0\nunix:/a:lockfile=1'
expect fish 'strports explain ssl:443:privateKey=k' ssl:443:privateKey=key.pem
expect fish 'strports explain tls:certs' tls:certs/

expect zsh 'strports expl' 'strports explain '
expect zsh 'strports explain un' 'strports explain unix:'
expect zsh 'strports explain tcp:80:inter' 'strports explain tcp:80:interface='
expect zsh 'strports explain ssl:443:privateKey=k' 'strports explain ssl:443:privateKey=key.pem '
expect zsh 'strports rule unescaped-i' 'strports rule unescaped-ipv6 '

((failed == 0)) && echo "bash, zsh and fish offer what they should"
exit "$failed"
