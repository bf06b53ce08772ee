#!/bin/bash
# Builds each target into $OUT, with its seeds, its options and the dictionary of the language.
#
# The image sets SRC, OUT and SANITIZER. `ci/check fuzz-cluster` runs this script without the image.
set -euo pipefail
cd "$SRC/strports"

# For coverage, the image passes flags of its own to the compiler.
sanitizer=${SANITIZER:-address}
[[ $sanitizer != coverage ]] || sanitizer=none
# Without `-O`, the build is optimized and has debug assertions.
cargo fuzz build --sanitizer "$sanitizer"
triple=$(rustc -vV | sed -n 's/^host: //p')
built=${CARGO_TARGET_DIR:-fuzz/target}/$triple/release

seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
# The flags of the image instrument programs, which procedural macros cannot bear.
env -u RUSTFLAGS cargo run --manifest-path fuzz/Cargo.toml --no-default-features \
    --features command --example seeds -- "$seeds"

for target in fuzz/fuzz_targets/*.rs; do
    name=$(basename "$target" .rs)
    cp "$built/$name" "$OUT/"
    cp fuzz/laws.dict "$OUT/$name.dict"
    printf '[libfuzzer]\nmax_len = 400\ntimeout = 5\ndict = %s.dict\n' "$name" >"$OUT/$name.options"
    inputs=$seeds/descriptions
    [[ ! -d $seeds/$name ]] || inputs=$seeds/$name
    corpus=fuzz/corpus/$name
    [[ -d $corpus ]] || corpus=
    rm -f "$OUT/${name}_seed_corpus.zip"
    find "$inputs" ${corpus:+"$corpus"} -type f | zip -q -j "$OUT/${name}_seed_corpus.zip" -@
done
