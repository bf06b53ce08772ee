//! Prints `laws.dict`: the words of the language, from the signature table.
//!
//! ```text
//! cargo run -q --manifest-path fuzz/Cargo.toml --no-default-features --example dictionary \
//!     > fuzz/laws.dict
//! ```

use std::collections::BTreeSet;

use strports_syntax::Role;
use strports_syntax::signature::Signature;

/// Operators and escapes.
const OPERATORS: [&str; 7] = [":", "=", r"\", r"\:", r"\\", r"\\\:", r"\="];

/// Values at the edges of what is accepted, and beginnings of other protocols.
const VALUES: [&str; 20] = [
    "65535",
    "65536",
    "2147483648",
    "0o660",
    "1_0",
    " 7 ",
    "+5",
    "-1",
    "::1",
    "[::1]",
    "fe80::1%lo",
    "xn--",
    "INET6",
    "UNIX",
    "TLSv1_2_METHOD",
    "PROXY TCP4 ",
    "PROXY TCP6 ",
    "PROXY UNKNOWN\r\n",
    "\r\n\r\nQUIT\n",
    "HTTP/1.1 200 ",
];

fn main() {
    print!("{}", dictionary());
}

/// The whole file.
pub(crate) fn dictionary() -> String {
    let signatures = || [Role::Server, Role::Client].into_iter().flat_map(Signature::all);
    let types: BTreeSet<String> = signatures().map(|it| format!("{}:", it.name)).collect();
    let parameters = signatures().flat_map(|it| it.parameters);
    let names = parameters.flat_map(|it| it.alias.into_iter().chain([it.name]));
    let keywords: BTreeSet<String> = names.map(|name| format!(":{name}=")).collect();
    let words = OPERATORS.iter().map(ToString::to_string);
    let words = words.chain(types).chain(keywords).chain(VALUES.iter().map(ToString::to_string));
    let mut text = String::from(
        "# Words of the language, for libFuzzer and AFL++: `-dict=fuzz/laws.dict`.\n\
         # Generated from the signature table by examples/dictionary.rs.\n",
    );
    for word in words {
        text.push('"');
        for byte in word.bytes() {
            match byte {
                b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
                b' '..=b'~' => text.push(char::from(byte)),
                _ => text.extend(format!("\\x{byte:02x}").chars()),
            }
        }
        text.push_str("\"\n");
    }
    text
}
