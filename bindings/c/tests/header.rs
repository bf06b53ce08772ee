//! The header is what cbindgen writes; `HEADER=overwrite cargo test` writes it again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

#[test]
fn the_header_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let header = root.join("include/strports.h");
    let config = cbindgen::Config::from_root_or_default(root);
    let bindings = cbindgen::generate_with_config(root, config).unwrap();
    let mut generated = Vec::new();
    bindings.write(&mut generated);
    let generated = String::from_utf8(generated).unwrap();
    if std::env::var_os("HEADER").is_some_and(|it| it == "overwrite") {
        fs::write(&header, &generated).unwrap();
    }
    assert!(
        fs::read_to_string(&header).unwrap() == generated,
        "include/strports.h is out of date; write it by: HEADER=overwrite cargo test"
    );
}
