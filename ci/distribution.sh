# The steps of `ci/check` that build and try what is published. `ci/check` reads this file.
# shellcheck shell=bash disable=SC2034,SC2054,SC2154

crates=(strports-syntax endpoint-runtime strports)

# package: each crate as its registry gets it: metadata, licences, documentation and tests of the unpacked archive
step_package() {
    local version crate sibling patches unpacked
    need python3 python3
    version=$(workspace_version)
    ci/packaged.py metadata "${crates[@]}"
    # Outside the repository, where neither its workspace nor its files are found.
    unpacked=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$unpacked'" EXIT
    # Nothing is built here: what is built is what the archives hold, below.
    cargo package --quiet --no-verify --allow-dirty "${crates[@]/#/-p}" --target-dir "$unpacked/made"
    for crate in "${crates[@]}"; do
        tar -xzf "$unpacked/made/package/$crate-$version.crate" -C "$unpacked"
    done
    ci/packaged.py files "$unpacked" "$version" "${crates[@]}"
    for crate in "${crates[@]}"; do
        say "the documentation and the tests of $crate-$version.crate"
        # Siblings are taken from their archives, not from the registry.
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
# the labels of features, for which the compiler allows this crate what is unstable.
package_docs() {
    local crate=$1 folder=$2 set sets=()
    shift 2
    case $crate in
        strports-syntax) sets=("" alloc std std,serde) ;;
        endpoint-runtime) sets=("" net process tls ring) ;;
        strports) sets=("" check relay cli cli,check cli,relay check,relay,ring) ;;
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

workspace_version() {
    sed -nE '/^\[workspace.package\]/,/^$/s/^version = "(.*)"/\1/p' Cargo.toml
}
