# The parts of the step `platforms`, one function per system; sourced by ci/check.
#
# The standard libraries come from rustup. Without it they are built, from Debian's newer Rust.
# Parts that only type-check use fake C compilers, whose output is not used.

# The parts, in the order in which they run.
platforms=(parser macos freebsd musl aarch64 windows)

# The command with ring instead of aws-lc-rs; ring builds with any C compiler.
with_ring=(-p strports --no-default-features --features "check,cli,relay,ring")
linter=(-p strports --no-default-features --features "check,cli")

platforms() {
    local part
    platform_directory=$CARGO_TARGET_DIR/platforms
    for part in "$@"; do
        declare -F "platform_$part" >/dev/null || die "ci/platforms/parts.sh has no part $part"
    done
    fake_c_compilers "$platform_directory/c"
    for part in "${@:-${platforms[@]}}"; do
        say "platforms: $part"
        "platform_$part"
    done
}

# Only the parser, on a target without an operating system and a C compiler.
platform_parser() {
    local target features
    for target in wasm32-unknown-unknown thumbv7em-none-eabi; do
        for features in "" alloc; do
            other_cargo check core,alloc "$target" -p strports-syntax --no-default-features \
                --features "$features"
        done
    done
}

platform_macos() {
    types_check std,panic_abort aarch64-apple-darwin -p strports --all-features
    types_check std,panic_abort aarch64-apple-darwin "${linter[@]}"
}

platform_freebsd() {
    types_check std,panic_abort x86_64-unknown-freebsd -p strports --all-features
    types_check std,panic_abort x86_64-unknown-freebsd "${linter[@]}"
}

# The linter runs under wine with the same results as here, and refuses sockets by name.
platform_windows() {
    local target=x86_64-pc-windows-gnu native=$platform_directory/native directory
    need x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64
    [[ -x /usr/lib/wine/wine64 ]] || apt_install wine64
    [[ -x /usr/lib/wine/wine64 ]] || die "/usr/lib/wine/wine64 is missing"
    need python3 python3
    types_check std,panic_abort x86_64-pc-windows-msvc "${linter[@]}"
    other_cargo build std,panic_abort "$target" "${linter[@]}" --bin strports
    cargo build --quiet "${linter[@]}" --bin strports
    mkdir -p "$native"
    cp "$CARGO_TARGET_DIR/debug/strports" "$native/strports"
    directory=$other_target/$target/debug
    x86_64-w64-mingw32-gcc -shared -o "$directory/bcryptprimitives.dll" ci/platforms/process_prng.c \
        -ladvapi32
    WINE=/usr/lib/wine/wine64 WINEPREFIX=$platform_directory/wine WINEDEBUG=-all \
        python3 ci/platforms/windows.py "$native/strports" "$directory/strports.exe" \
        tests/trees/config docs
}

# A static command.
platform_musl() {
    local static
    need python3 python3
    static_program "${with_ring[@]}"
    python3 ci/platforms/static.py "$static"
}

platform_aarch64() {
    types_check std,panic_abort aarch64-unknown-linux-gnu "${with_ring[@]}"
}

# types_check CRATES TARGET ARGUMENT…: `cargo check` for a target, without its C compiler.
types_check() {
    local crates=$1 target=$2 suffix=${2//-/_} c=$platform_directory/c
    shift 2
    (
        export "CC_$suffix=$c/cc" "CXX_$suffix=$c/cc" "AR_$suffix=$c/ar"
        other_cargo check "$crates" "$target" "$@"
    )
}

# other_cargo COMMAND CRATES TARGET ARGUMENT…: cargo for another target, which builds these crates of
# the standard library if they are not installed. Warnings are errors.
other_cargo() {
    RUSTC_BOOTSTRAP=1 cross "$2" "$3" "$1" -Zwarnings --config 'build.warnings="deny"' "${@:4}"
}

# fake_c_compilers DIRECTORY: `cc` and `ar`, which write empty files. They refuse to write outside the
# target directory, where later builds read the sources of dependencies.
fake_c_compilers() {
    mkdir -p "$1"
    cat >"$1/write" <<FAKE
# write FILE TEXT
write() {
    case \$(realpath -m "\$1") in
        "$CARGO_TARGET_DIR"/*) printf "\$2" >"\$1" ;;
        *) echo "the faked compiler must not write \$1" >&2 && exit 1 ;;
    esac
}
FAKE
    cat >"$1/cc" <<'FAKE'
#!/bin/sh
. "${0%/*}/write"
while [ $# -gt 0 ]; do
    case $1 in
        -o) write "$2" "" ;;
        # `/FI` is not an output: it names a header to include.
        -F[o]* | /F[o]*) write "${1#?F[o]}" "" ;;
    esac
    shift
done
FAKE
    cat >"$1/ar" <<'FAKE'
#!/bin/sh
. "${0%/*}/write"
for argument in "$@"; do
    argument=${argument#?out:}
    case $argument in
        *.a | *.lib) [ -e "$argument" ] || write "$argument" '!<arch>\n' ;;
    esac
done
FAKE
    chmod +x "$1/cc" "$1/ar"
}
