# The steps of `ci/check` that fuzz, plant mistakes, and look for races and undefined behavior;
# sourced by `ci/check`. Only `fuzz-replay` is among `all`.
# shellcheck shell=bash disable=SC2154

# fuzz-replay: the laws of the fuzz targets on known inputs, by the stable compiler
step_fuzz_replay() {
    cargo test --manifest-path fuzz/Cargo.toml --no-default-features
    say "the examples of the feature arbitrary"
    cargo test --quiet -p strports-syntax --features arbitrary --doc arbitrary
}

# fuzz-replay-command: clippy of fuzz/, and the laws about the command's servers and PEM files; not among `all`
step_fuzz_replay_command() {
    clippy --manifest-path fuzz/Cargo.toml --no-default-features --all-targets
    clippy --manifest-path fuzz/Cargo.toml --no-default-features --features command --all-targets
    cargo test --manifest-path fuzz/Cargo.toml --no-default-features --features command \
        --test replay -- metrics pem lsp
}

# fuzz-smoke: each fuzz target for 4 seconds; not among `all`, it builds everything once more
step_fuzz_smoke() {
    # Start from the committed corpus, so that each run is the same; `fuzz` keeps new inputs.
    rm -rf "$CARGO_TARGET_DIR/fuzz-corpus"
    fuzz_for 4 -seed=1
}

# fuzz: each fuzz target, or those of FUZZ_TARGETS, for FUZZ_SECONDS (600), with debug assertions and
#     FUZZ_SANITIZER (address), `none` is faster; prints the table of the runs; not among `all`
step_fuzz() {
    fuzz_for "${FUZZ_SECONDS:-600}"
}

# fuzz_for SECONDS OPTION…
fuzz_for() {
    local seconds=$1 target found logs=$CARGO_TARGET_DIR/fuzz-logs
    local build=(-s "${FUZZ_SANITIZER:-address}")
    need_cargo_fuzz
    need python3 python3
    fuzz_seeds
    cargo "${toolchain[@]}" fuzz build "${build[@]}"
    rm -rf "$logs"
    mkdir -p "$logs"
    for target in ${FUZZ_TARGETS:-$(fuzz_targets)}; do
        # libFuzzer writes new inputs to the first directory, and only reads the others.
        found=$CARGO_TARGET_DIR/fuzz-corpus/$target
        mkdir -p "$found"
        say "fuzzing $target for $seconds s"
        cargo "${toolchain[@]}" fuzz run "${build[@]}" "$target" "$found" \
            $(fuzz_corpora "$target") -- -max_total_time="$seconds" -max_len=400 -timeout=5 \
            -dict=fuzz/laws.dict -print_final_stats=1 "${@:2}" >"$logs/$target.log" 2>&1 || {
            tail -n 60 "$logs/$target.log" >&2
            die "the law of $target does not hold"
        }
    done
    python3 ci/campaign.py runs "$logs"/*.log
}

# need_cargo_fuzz: installs it, and sets `toolchain` to the option for the compiler that it needs.
need_cargo_fuzz() {
    need c++ g++
    # Use the full path: the directory of installed programs may not be on PATH.
    cargo fuzz --version >/dev/null 2>&1 || without_our_target cargo install cargo-fuzz --locked
    # cargo-fuzz needs unstable options, which RUSTC_BOOTSTRAP enables on a stable compiler.
    toolchain=()
    if cargo +nightly --version >/dev/null 2>&1; then
        toolchain=(+nightly)
    else
        export RUSTC_BOOTSTRAP=1
    fi
}

fuzz_targets() {
    basename -s .rs fuzz/fuzz_targets/*.rs
}

fuzz_seeds() {
    cargo run --quiet --manifest-path fuzz/Cargo.toml --no-default-features --features command \
        --example seeds -- "$CARGO_TARGET_DIR/fuzz-seeds"
}

# fuzz_corpora TARGET: the directories with known inputs, which have no spaces in their names.
fuzz_corpora() {
    local seeds=$CARGO_TARGET_DIR/fuzz-seeds directory
    if [[ -d $seeds/$1 ]]; then seeds=$seeds/$1; else seeds=$seeds/descriptions; fi
    for directory in "$seeds" "fuzz/corpus/$1"; do [[ ! -d $directory ]] || echo "$directory"; done
}

# fuzz-coverage: the regions of each crate that the known inputs of each target reach, as a table
step_fuzz_coverage() {
    local target found tools triple program directory=$CARGO_TARGET_DIR/fuzz-coverage
    local ignored='/registry/|/rustc/|/rustlib/|/fuzz/'
    need python3 python3
    need_cargo_fuzz
    rustup component add llvm-tools ${toolchain:+--toolchain nightly}
    triple=$(rustc "${toolchain[@]}" -vV | sed -n 's/^host: //p')
    tools=$(rustc "${toolchain[@]}" --print sysroot)/lib/rustlib/$triple/bin
    fuzz_seeds
    mkdir -p "$directory/tables"
    for target in ${FUZZ_TARGETS:-$(fuzz_targets)}; do
        found=$CARGO_TARGET_DIR/fuzz-corpus/$target
        mkdir -p "$found"
        cargo "${toolchain[@]}" fuzz coverage -s none --target-dir "$directory" "$target" "$found" \
            $(fuzz_corpora "$target") >"$directory/$target.log" 2>&1 || {
            tail -n 60 "$directory/$target.log" >&2
            die "no coverage of $target"
        }
        program=$directory/$triple/release/$target
        "$tools/llvm-cov" export -summary-only "$program" -ignore-filename-regex="$ignored" \
            -instr-profile="fuzz/coverage/$target/coverage.profdata" >"$directory/tables/$target.json"
        rm -rf "fuzz/coverage/$target/raw"
    done
    python3 ci/campaign.py coverage "$directory/tables"/*.json
}

# fuzz-cluster: the targets as ClusterFuzzLite builds them, each of them on its seeds; not among `all`
step_fuzz_cluster() {
    local out=$CARGO_TARGET_DIR/fuzz-cluster target seeds
    need zip zip
    need unzip unzip
    need nm binutils
    need_cargo_fuzz
    rm -rf "$out"
    mkdir -p "$out/src" "$out/out"
    ln -s "$PWD" "$out/src/strports"
    # The compiler of the image is a nightly one.
    [[ -z ${toolchain[*]} ]] || export RUSTUP_TOOLCHAIN=nightly
    SRC=$out/src OUT=$out/out SANITIZER=address .clusterfuzzlite/build.sh
    for target in $(fuzz_targets); do
        seeds=$out/seeds/$target
        mkdir -p "$seeds"
        unzip -q "$out/out/${target}_seed_corpus.zip" -d "$seeds"
        grep -q __asan_init <(nm "$out/out/$target") || die "$target has no AddressSanitizer"
        say "$target: $(find "$seeds" -type f | wc -l) seeds"
        # The options of the file, as ClusterFuzzLite passes them.
        (
            cd "$out/out"
            mapfile -t options < <(sed -nE 's/^(\w+) = (.*)/-\1=\2/p' "$target.options")
            "./$target" "${options[@]}" -runs=0 "$seeds" 2>"$out/$target.log"
        ) || {
            tail -n 60 "$out/$target.log" >&2
            die "$target fails on its seeds"
        }
    done
}

# fuzz-afl: each law, or those of FUZZ_TARGETS, by AFL++ for FUZZ_SECONDS (600); not among `all`
step_fuzz_afl() {
    local target found
    need cc gcc
    need make make
    cargo afl --version >/dev/null 2>&1 || without_our_target cargo install cargo-afl --locked
    # A new compiler needs a new runtime of AFL++, which this builds if it is missing.
    without_our_target cargo afl config --build 2>/dev/null || true
    fuzz_seeds
    cargo afl build --manifest-path fuzz/Cargo.toml --no-default-features --features afl,command \
        --bin afl --target-dir "$CARGO_TARGET_DIR/afl"
    export AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
    # An input that breaks a law is a find, and no reason to leave it out.
    export AFL_CRASHING_SEEDS_AS_NEW_CRASH=1 AFL_FAST_CAL=1
    for target in ${FUZZ_TARGETS:-$(fuzz_targets)}; do
        found=$CARGO_TARGET_DIR/afl-found/$target
        rm -rf "$found"
        mkdir -p "$found"
        gather "$target" "$found/seeds"
        say "AFL++: $target for ${FUZZ_SECONDS:-600} s"
        cargo afl fuzz -i "$found/seeds" -o "$found" -x fuzz/laws.dict -V "${FUZZ_SECONDS:-600}" \
            -t 5000 -- "$CARGO_TARGET_DIR/afl/debug/afl" "$target" >"$found/log" 2>&1 || {
            tail -n 60 "$found/log" >&2
            die "AFL++ ends $target with an error"
        }
        [[ -z $(find "$found" -path '*/crashes/id:*' -print -quit) ]] ||
            die "$target: the law does not hold for the inputs in $found/default/crashes"
        say "$(sed -nE 's/^(execs_done|edges_found|corpus_count) *: (.*)/\1 \2/p' \
            "$found/default/fuzzer_stats" | paste -sd ',')"
    done
}

# fuzz-honggfuzz: the same by honggfuzz; not among `all`
step_fuzz_honggfuzz() {
    local target found
    need cc gcc
    need make make
    [[ -e /usr/include/bfd.h ]] || apt_install binutils-dev
    [[ -n $(find /usr/include -name libunwind.h -print -quit) ]] || apt_install libunwind-dev
    cargo hfuzz version >/dev/null 2>&1 || without_our_target cargo install honggfuzz --locked
    fuzz_seeds
    export HFUZZ_BUILD_ARGS='--no-default-features --features honggfuzz,command --bin honggfuzz'
    for target in ${FUZZ_TARGETS:-$(fuzz_targets)}; do
        found=$CARGO_TARGET_DIR/honggfuzz/$target
        rm -rf "$found"
        mkdir -p "$found/workspace"
        gather "$target" "$found/seeds"
        say "honggfuzz: $target for ${FUZZ_SECONDS:-600} s"
        (
            cd fuzz
            # The options are split at spaces, which these paths do not have.
            export HFUZZ_RUN_ARGS="-i $found/seeds -o $found/corpus -W $found/workspace -w laws.dict \
                --run_time ${FUZZ_SECONDS:-600} -t 5 -n 1 --exit_upon_crash -v"
            CARGO_TARGET_DIR=$CARGO_TARGET_DIR/hfuzz cargo hfuzz run honggfuzz "$target"
        ) >"$found/log" 2>&1 || {
            tail -n 60 "$found/log" >&2
            die "honggfuzz ends $target with an error"
        }
        [[ -z $(find "$found/workspace" -name '*.fuzz' -print -quit) ]] ||
            die "$target: the law does not hold for the inputs in $found/workspace"
        say "$(grep -a 'Summary iterations' "$found/log" | tail -n 1)"
    done
}

# gather TARGET DIRECTORY: copies the known inputs into one directory, for engines that read one.
gather() {
    local corpus
    mkdir -p "$2"
    for corpus in $(fuzz_corpora "$1"); do find "$corpus" -type f -exec cp -t "$2" {} +; done
}

# fuzz-twisted: Twisted under coverage beside the command for FUZZ_SECONDS (600); with STRPORTS_WHEEL,
#     beside this wheel in one process; not among `all`
step_fuzz_twisted() {
    local found=$CARGO_TARGET_DIR/fuzz-corpus/with-twisted answers
    need_twisted
    "$python_with_twisted" -m pip install --quiet --disable-pip-version-check \
        -r spec/oracle/fuzz_requirements.txt ${STRPORTS_WHEEL:+"$STRPORTS_WHEEL"}
    if [[ -n ${STRPORTS_WHEEL:-} ]]; then
        answers=(--module)
    else
        build_command
        answers=(--command "$CARGO_TARGET_DIR/debug/strports")
    fi
    mkdir -p "$found" fuzz/artifacts/with-twisted
    "$python_with_twisted" spec/oracle/fuzz_twisted.py "${answers[@]}" \
        --seeds "$CARGO_TARGET_DIR/twisted-seeds" -- -max_total_time="${FUZZ_SECONDS:-600}" \
        -max_len=300 -dict=fuzz/laws.dict -artifact_prefix=fuzz/artifacts/with-twisted/ \
        -print_final_stats=1 "$found"
}

# planted: the replay catches each mistake of fuzz/planted.toml; an hour; not among `all`
step_planted() {
    ci/planted.py
}

# interleave: the reactor's handover of turns under many schedules of its threads (shuttle); not among `all`
step_interleave() {
    need_component clippy
    clippy --manifest-path ci/interleave/Cargo.toml --all-targets
    cargo test --release --manifest-path ci/interleave/Cargo.toml
}

# miri: the parser's and the machines' tests without undefined behavior; not among `all`
step_miri() {
    need_nightly miri rust-src
    # What the skipped tests run, the others run too, on fewer texts.
    cargo +nightly miri test -p strports-syntax --lib -- --skip lint:: --skip diagnostic::pages \
        --skip a_byte_loop --skip integer::tests::vectors
    cargo +nightly miri test -p endpoint-runtime --no-default-features --lib -- proto::
}

# tsan: the tests of the runtime without data races, the standard library included; not among `all`
step_tsan() {
    need_nightly rust-src
    # Without TLS: the assembly of its cryptography has no instrumentation. The skipped test limits
    # memory, of which the sanitizer takes more.
    RUSTFLAGS=-Zsanitizer=thread cargo +nightly test -Zbuild-std --target x86_64-unknown-linux-gnu \
        --target-dir "$CARGO_TARGET_DIR/tsan" -p endpoint-runtime --no-default-features \
        --features process --lib --tests --no-fail-fast -- \
        --skip ten_thousand_idle_connections_stay_open
}

# need_nightly COMPONENT…: a nightly compiler with these components.
need_nightly() {
    need rustup rustup
    rustc +nightly --version >/dev/null 2>&1 ||
        rustup toolchain install nightly --profile minimal --no-self-update
    rustup component add --toolchain nightly "$@"
}

# mutants: no change to the lexer, texts, quoting or binding goes unnoticed; not among `all`
step_mutants() {
    local status=0
    cargo mutants --version >/dev/null 2>&1 || without_our_target cargo install cargo-mutants --locked
    mkdir -p "$CARGO_TARGET_DIR"
    # Limits the memory of each mutant, and builds without debug information. Each copy of the tree
    # has its own target directory.
    (
        ulimit -v 4000000
        CARGO_PROFILE_DEV_DEBUG=none without_our_target \
            cargo mutants -p strports-syntax --output "$CARGO_TARGET_DIR"
    ) || status=$?
    # 2: mutants survived; 3: mutants timed out, which counts as caught, and some may have survived.
    ((status == 0 || status == 2 || status == 3)) || die "cargo mutants: exit status $status"
    [[ ! -s $CARGO_TARGET_DIR/mutants.out/missed.txt ]] ||
        die "mutants survived: kill each by a test, or explain it in .cargo/mutants.toml"
}

