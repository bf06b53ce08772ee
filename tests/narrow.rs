//! What people read, on terminals that are narrower than usual.
#![cfg(all(feature = "check", feature = "cli"))]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use support::{Scratch, strports};

/// The lines of both streams, as a terminal of this width gets them.
fn lines(columns: usize, args: &[&str], scratch: &Scratch) -> Vec<String> {
    let mut command = strports();
    command.args(args).env("COLUMNS", columns.to_string()).current_dir(scratch.path());
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn lines_end_between_words_and_marks_stay_below_their_text() {
    let program = "import x\nserverFromString(r, \"tcp:8080:interface=127.0.0.1:bcklog=3\")\n";
    let scratch = Scratch::holding(&[("a.py", program)]);
    let socat = "TCP-LISTEN:80,fork,rcvbuf=4,reuseaddr";
    for columns in [30, 40, 60, 80] {
        for args in [
            &["explain", "tcp:8080"][..],
            &["explain", "tcp:8080:interface=::1"],
            &["explain", r"tls:h:1:endpoint=socks5\:127.0.0.1:trustRoots=/etc/ssl"],
            &["check", "a.py"],
            &["types"],
            &["types", "tls"],
            &["rule"],
            &["rule", "unescaped-ipv6"],
            &["convert", socat],
        ] {
            let lines = lines(columns, args, &scratch);
            for line in &lines {
                // A word, such as a description, is not divided.
                let longest = line.trim().split(' ').map(str::len).max().unwrap_or_default();
                let indent = line.len() - line.trim_start().len();
                let fits = line.chars().count() <= columns || indent + longest + 2 > columns;
                assert!(fits, "{columns} {args:?}: {line}");
            }
            for (above, below) in lines.iter().zip(lines.iter().skip(1)) {
                let is_marked = below.trim_start().starts_with("| ") && below.contains('^');
                let is_whole = above.chars().count() <= columns && below.len() <= columns;
                assert!(!is_marked || is_whole, "{columns} {args:?}:\n{above}\n{below}");
            }
        }
    }
}
