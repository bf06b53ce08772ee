#!/usr/bin/env bash
# The archive of a release: packaging/archive.sh PROGRAM TARGET FOLDER [SPEAKER]
#
# Writes FOLDER/strports-VERSION-TARGET.tar.gz, or .zip for Windows, and its checksum beside it. The
# same input gives the same bytes. SPEAKER is as for packaging/stage.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=$1 target=$2 out=$3 speaker=${4:-$1}
version=$(sed -nE '/^\[workspace.package\]/,/^$/s/^version = "(.*)"/\1/p' Cargo.toml)
name=strports-$version-$target
mkdir -p "$out"
packaging/stage.sh "$program" "$out/$name" "$speaker"

cd "$out"
case $target in
    *windows*) archive=$name.zip && rm -f "$archive" && 7z a -bso0 "$archive" "$name" ;;
    *-linux-*)
        archive=$name.tar.gz
        tar --create --sort=name --owner=0 --group=0 --numeric-owner \
            --mtime="@${SOURCE_DATE_EPOCH:-0}" "$name" | gzip -9n >"$archive"
        ;;
    # The tar of other systems has no such options.
    *) archive=$name.tar.gz && tar -czf "$archive" "$name" ;;
esac
rm -r "$name"
if command -v sha256sum >/dev/null; then
    sha256sum "$archive"
else
    shasum -a 256 "$archive"
fi >"$archive.sha256"
printf '%s\n' "$out/$archive"
