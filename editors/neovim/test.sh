#!/usr/bin/env bash
# Runs a headless Neovim with `strports.lua` and `strports` from PATH.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '# web\nweb: daphne -e tcp:8000:interface=::1 project.asgi:application\n' >Procfile
timeout 60 nvim --headless --clean -u "$here/strports.lua" -c "luafile $here/test.lua"
grep -qF 'interface=\\:\\:1 project' Procfile
echo "a real Neovim saw the finding, applied the fix and saved it"
