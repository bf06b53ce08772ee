#!/usr/bin/env bash
# Everything that a package of the command holds, in one folder.
#
# packaging/stage.sh PROGRAM FOLDER [SPEAKER]: copies PROGRAM, and has SPEAKER, which is PROGRAM
# unless it is for another system, print its manual pages and completions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=$1 folder=$2 speaker=${3:-$1}
rm -rf "$folder"
mkdir -p "$folder"/{man,completions,systemd}
install -m 755 "$program" "$folder/"
cp README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$folder/"
cp packaging/systemd/*.service "$folder/systemd/"

"$speaker" man >"$folder/man/strports.1"
# The program's own page lists the others.
pages=$(grep -oE 'strports-[a-z]+\(1\)' <(sed 's/\\-/-/g; s/\\f[A-Z]//g' "$folder/man/strports.1") |
    sed -E 's/strports-(.*)\(1\)/\1/' | sort -u | grep -vx help)
for page in $pages; do
    "$speaker" man "$page" >"$folder/man/strports-$page.1"
done
"$speaker" man strports.toml >"$folder/man/strports.toml.5"

"$speaker" completions bash >"$folder/completions/strports.bash"
"$speaker" completions zsh >"$folder/completions/_strports"
"$speaker" completions fish >"$folder/completions/strports.fish"
"$speaker" completions powershell >"$folder/completions/_strports.ps1"
