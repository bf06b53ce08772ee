//! `spec/endpoints.md` is up to date: it is generated from the signature table.

#[allow(dead_code, reason = "the program's own `main`")]
#[path = "../examples/endpoints_md.rs"]
mod program;

#[test]
fn the_page_is_not_stale() {
    let page = include_str!("../spec/endpoints.md");
    let command = "cargo run -q -p strports-syntax --example endpoints_md > spec/endpoints.md";
    assert!(page == program::Page.to_string(), "stale; write it again with: {command}");
}
