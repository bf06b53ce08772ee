# The steps of `ci/check` that build and test the packages of a release; sourced by `ci/check`.
# shellcheck shell=bash disable=SC2034,SC2054,SC2154

crates=(strports-syntax endpoint-runtime strports)

# package: each crate as published: metadata, licenses, documentation and tests of the archive
step_package() {
    local version crate sibling patches unpacked
    need python3 python3
    version=$(workspace_version)
    ci/packaged.py metadata "${crates[@]}"
    # Outside the repository, so that Cargo finds neither its workspace nor its files.
    unpacked=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$unpacked'" EXIT
    # Build nothing here: the unpacked archives are built below.
    cargo package --quiet --no-verify --allow-dirty "${crates[@]/#/-p}" --target-dir "$unpacked/made"
    for crate in "${crates[@]}"; do
        tar -xzf "$unpacked/made/package/$crate-$version.crate" -C "$unpacked"
    done
    ci/packaged.py files "$unpacked" "$version" "${crates[@]}"
    for crate in "${crates[@]}"; do
        say "the documentation and the tests of $crate-$version.crate"
        # Dependencies within the workspace come from their archives, not from the registry.
        patches=()
        for sibling in "${crates[@]}"; do
            [[ $sibling == "$crate" ]] ||
                patches+=(--config "patch.crates-io.$sibling.path='$unpacked/$sibling-$version'")
        done
        package_docs "$crate" "$unpacked/$crate-$version" "${patches[@]}"
        (cd "$unpacked/$crate-$version" && cargo test --quiet "${patches[@]}")
    done
}

# package_docs CRATE FOLDER OPTION…: the documentation of every set of features, and the one with
# labels of features, which is unstable and needs RUSTC_BOOTSTRAP.
package_docs() {
    local crate=$1 folder=$2 set sets=()
    shift 2
    case $crate in
        strports-syntax) sets=("" alloc std std,serde) ;;
        endpoint-runtime) sets=("" net process tls ring tokio) ;;
        strports) sets=("" check convert describe relay cli cli,check cli,relay check,relay,ring) ;;
    esac
    for set in "${sets[@]}"; do
        (cd "$folder" && RUSTDOCFLAGS=-Dwarnings cargo doc --quiet --no-deps --lib \
            --no-default-features --features "$set" "$@") || die "the documentation of $crate with '$set'"
    done
    (cd "$folder" && RUSTC_BOOTSTRAP=${crate//-/_} RUSTDOCFLAGS="--cfg docsrs -Dwarnings" \
        cargo doc --quiet --no-deps --lib --all-features "$@")
    grep -qr 'Available on <strong>crate feature' "$CARGO_TARGET_DIR/doc/${crate//-/_}" ||
        die "the documentation of $crate has no labels of features"
}

# python: the wheel, built and installed in fresh environments: its tests, Twisted beside it, types, the command, pre-commit
step_python() {
    # maturin writes its own wheels to `wheels` in the target directory.
    local wheels=$CARGO_TARGET_DIR/repaired-wheels built
    clippy --manifest-path bindings/python/Cargo.toml
    need_venv python-build bindings/python/requirements.txt
    built=$venv
    build_wheel "$built" "$wheels"
    ls "$wheels"/strports-*-manylinux_2_28_*.whl || die "the wheel needs a newer Linux"

    fresh_venv python
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r spec/oracle/requirements.txt pytest \
        "$wheels"/strports-*.whl
    (cd bindings/python && "$venv/bin/python" -m pytest && "$venv/bin/python" -m pytest oracle)
    # The types of the installed package, from outside and within.
    local types=("$built/bin/mypy" --python-executable "$venv/bin/python"
        --config-file bindings/python/pyproject.toml)
    "${types[@]}" -p strports
    "${types[@]}" bindings/python/tests/typed.py
    hooks_work "$built" "$wheels"
    action_works "$built" "$wheels"
}

# build_wheel ENVIRONMENT FOLDER: the wheel, with a static program as its command. Zig links the module
# to the functions of an older glibc than the one here. auditwheel refuses the wheel if it needs more.
build_wheel() {
    local raw=$2.raw platform=manylinux_2_28 static
    static_program -p strports --release
    rm -rf "$2" "$raw"
    PATH=$1/bin:$PATH STRPORTS_COMMAND=$static \
        MATURIN_PEP517_ARGS="--zig --compatibility $platform" \
        "$1/bin/pip" wheel --quiet --disable-pip-version-check --no-deps \
        --no-build-isolation --wheel-dir "$raw" ./bindings/python
    PATH=$1/bin:$PATH "$1/bin/auditwheel" repair --plat "${platform}_$(uname -m)" --wheel-dir "$2" \
        "$raw"/strports-*.whl
    rm -r "$raw"
}

# fresh_venv NAME: sets `venv` to an empty environment of Python.
fresh_venv() {
    venv=$CARGO_TARGET_DIR/$1-venv
    rm -rf "$venv"
    python3 -m venv "$venv"
}

# hooks_work ENVIRONMENT WHEELS: pre-commit installs the hooks from this commit, and the wheel from a
# folder in place of the registry; a mistake is found, then fixed.
hooks_work() {
    local scratch=$CARGO_TARGET_DIR/pre-commit
    rm -rf "$scratch"
    mkdir -p "$scratch/project"
    # Include files that are not committed yet.
    git ls-files -z --cached --others --exclude-standard -- pyproject.toml .pre-commit-hooks.yaml |
        xargs -0 cp --parents -t "$scratch/project" && mv "$scratch/project" "$scratch/hooks"
    as_repository "$scratch/hooks"
    git -C "$scratch/hooks" tag "v$(workspace_version)"
    mkdir "$scratch/project"
    printf 'web: daphne -e tcp:8000:interface=::1 site:app\n' >"$scratch/project/Procfile"
    cat >"$scratch/project/.pre-commit-config.yaml" <<CONFIG
repos:
  - repo: $scratch/hooks
    rev: v$(workspace_version)
    hooks:
      - id: strports
      - id: strports-fix
CONFIG
    as_repository "$scratch/project"
    (
        cd "$scratch/project" || exit
        export PRE_COMMIT_HOME=$scratch/cache PIP_FIND_LINKS=$2
        # Disable the compilers: nothing may be compiled.
        export CARGO=/nonexistent RUSTC=/nonexistent
        "$1/bin/pre-commit" run strports --all-files >said || true
        grep -qF 'is an IPv6 address whose colons are not escaped' said || die "the hook finds nothing"
        "$1/bin/pre-commit" run strports-fix --all-files || true
        grep -qF 'interface=\\:\\:1' Procfile || die "the hook fixes nothing"
        git add Procfile
        "$1/bin/pre-commit" run --all-files || die "the hooks fail where nothing is wrong"
    )
}

# as_repository FOLDER: makes a repository of the folder, with all files committed.
as_repository() {
    git init --quiet "$1"
    git -C "$1" add --all
    git -C "$1" -c user.name=check -c user.email=check@localhost commit --quiet --message check
}

# action_works ENVIRONMENT WHEELS: runs the steps of action.yml like a runner.
action_works() {
    local scratch=$CARGO_TARGET_DIR/action
    rm -rf "$scratch"
    mkdir -p "$scratch/tree"
    printf 'web: daphne -e tcp:8000:interface=::1 site:app\n' >"$scratch/tree/Procfile"
    PIP_FIND_LINKS=$2 "$1/bin/python" ci/run_action.py action.yml "$scratch" >"$scratch/said" || true
    grep -qF '::error file=Procfile,line=1' "$scratch/said" || {
        cat "$scratch/said" >&2
        die "the action reports nothing"
    }
}

# release: builds and tests the files of a release; fails if a file to publish lacks the address
step_release() {
    local version out=$CARGO_TARGET_DIR/release-artifacts static
    need python3 python3
    version=$(workspace_version)
    ci/distribution.py --self-test
    workflows_are_valid
    static_program -p strports --release
    rm -rf "$out"
    packaging/archive.sh "$static" x86_64-unknown-linux-musl "$out"
    archive_works "$out/strports-$version-x86_64-unknown-linux-musl"
    debian_package_works "$static" "$out"
    image_works "$static" "$out"
    (cd "$out" && sha256sum -- *.tar.gz *.deb >SHA256SUMS && cat SHA256SUMS)
    ci/distribution.py --release "v$version" ||
        say "so nothing can be published; everything else of a release works"
}

# static_program ARGUMENT…: builds the command as a static program for Linux on x86_64, and sets
# `static` to its path. STRPORTS_STATIC names a program that is built already.
static_program() {
    local target=x86_64-unknown-linux-musl native=$CARGO_TARGET_DIR/platforms/musl profile=debug
    need musl-gcc musl-tools
    need readelf binutils
    static=${STRPORTS_STATIC:-}
    if [[ -z $static ]]; then
        [[ " $* " != *" --release "* ]] || profile=release
        (
            if ! has_library $target; then
                # The standard library links to libunwind; gcc's unwinder has the same functions.
                mkdir -p "$native"
                ln -sf "$(gcc -print-file-name=libgcc_eh.a)" "$native/libunwind.a"
                export CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=musl-gcc
                export CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_RUSTFLAGS="-Clink-self-contained=no -Lnative=$native"
            fi
            cross std,panic_unwind $target build --locked --bin strports "$@"
        )
        static=$other_target/$target/$profile/strports
    fi
    # Neither an interpreter nor a shared library.
    ! readelf --wide --program-headers --dynamic "$static" | grep -E 'INTERP|NEEDED' ||
        die "$static is not static"
}

# archive_works PATH: the archive at PATH.tar.gz has everything, and its program runs.
archive_works() {
    local scratch=$CARGO_TARGET_DIR/archive folder
    (cd "$(dirname "$1")" && sha256sum --quiet --check "$1.tar.gz.sha256")
    rm -rf "$scratch" && mkdir -p "$scratch"
    tar -xzf "$1.tar.gz" -C "$scratch"
    folder=$scratch/$(basename "$1")
    has_documents "$folder/man" "$folder/man" "$folder/completions" "$folder/systemd" ''
    "$folder/strports" explain tcp:8080 >/dev/null
    command -v systemd-analyze >/dev/null && unit_is_valid "$folder/systemd/strports@.service" "$folder/strports"
    ls "$folder/LICENSE-MIT" "$folder/LICENSE-APACHE" "$folder/README.md" >/dev/null
}

# has_documents MAN1 MAN5 COMPLETIONS UNITS SUFFIX: a package has manuals, completions and units.
has_documents() {
    local page
    for page in strports strports-check strports-relay strports-explain; do
        [[ -s $1/$page.1$5 ]] || die "$1/$page.1$5 is missing"
    done
    [[ -s $2/strports.toml.5$5 ]] || die "$2/strports.toml.5$5 is missing"
    [[ -n $(find "$3" -name '*strports*' -size +0) ]] || die "$3 has no completions"
    [[ -s $4/strports@.service ]] || die "$4/strports@.service is missing"
}

# unit_is_valid UNIT PROGRAM: systemd accepts the unit.
unit_is_valid() {
    local copy=$CARGO_TARGET_DIR/unit
    rm -rf "$copy" && mkdir -p "$copy"
    # The program is not installed at the path in the unit.
    sed "s|/usr/bin/strports|$2|" "$1" >"$copy/strports@web.service"
    systemd-analyze verify --man=no "$copy/strports@web.service" || die "systemd refuses the unit"
}

# debian_package_works PROGRAM FOLDER: installs the package below a separate root, and removes it.
debian_package_works() {
    local deb root=$CARGO_TARGET_DIR/debian-root made=$CARGO_TARGET_DIR/x86_64-unknown-linux-musl/release
    need dpkg dpkg
    cargo deb --version >/dev/null 2>&1 ||
        without_our_target cargo install cargo-deb --locked --no-default-features
    packaging/stage.sh "$1" packaging/assets
    mkdir -p "$made"
    [[ $1 -ef $made/strports ]] || cp "$1" "$made/strports"
    cargo deb --quiet -p strports --no-build --no-strip --target x86_64-unknown-linux-musl --output "$2/"
    deb=$(echo "$2"/strports_*_amd64.deb)
    rm -rf "$root" && mkdir -p "$root"/var/lib/dpkg/{info,updates}
    touch "$root/var/lib/dpkg/status"
    dpkg --root="$root" --force-not-root --install "$deb"
    has_documents "$root/usr/share/man/man1" "$root/usr/share/man/man5" \
        "$root/usr/share/bash-completion/completions" "$root/usr/lib/systemd/system" .gz
    "$root/usr/bin/strports" check --exit-zero -e tcp:8080 >/dev/null
    dpkg --root="$root" --force-not-root --remove strports
    [[ ! -e $root/usr/bin/strports ]] || die "the package leaves its program behind"
}

# image_works PROGRAM FOLDER: the container image, and the relay as its process 1.
image_works() {
    local context=$CARGO_TARGET_DIR/image-context layout=$CARGO_TARGET_DIR/image
    need buildah buildah
    [[ -e /etc/ssl/certs/ca-certificates.crt ]] || apt_install ca-certificates
    rm -rf "$context" "$layout" && mkdir -p "$context/amd64"
    cp "$1" "$context/amd64/strports"
    cp /etc/ssl/certs/ca-certificates.crt "$context/"
    buildah --storage-driver vfs --root "$layout/storage" --runroot "$layout/run" build --quiet \
        --isolation chroot --build-arg TARGETARCH=amd64 -f packaging/Dockerfile -t strports "$context"
    buildah --storage-driver vfs --root "$layout/storage" --runroot "$layout/run" push --quiet \
        strports "oci:$layout/oci:strports"
    python3 ci/run_image.py "$layout/oci" "$layout/rootfs"
}

# workflows_are_valid: lints the workflows, their scripts and the action.
workflows_are_valid() {
    need shellcheck shellcheck
    need_venv workflows packaging/requirements.txt
    # Actions are referenced by tags, because their commits cannot be looked up offline. The registry
    # of crates accepts the first version of a crate only with a token.
    "$venv/bin/jactionlint" --strict-exit --ignore unpinned-uses --ignore use-trusted-publishing
}

workspace_version() {
    sed -nE '/^\[workspace.package\]/,/^$/s/^version = "(.*)"/\1/p' Cargo.toml
}
