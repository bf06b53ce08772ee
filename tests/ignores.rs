//! Comments that silence `strports check`: those that do not, and those that it writes itself.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

mod support;

use std::fs;

use support::{Scratch, code, said, strports};

const CONFIG: &str = "[[source]]\nfiles = [\"*.list\"]\nformat = \"list\"\nrole = \"server\"\n\
    [[source]]\nfiles = [\"*.ini\", \"*.json\"]\nkeys = { \"**.listen\" = \"server\" }\n";

/// What `check ARGS` prints, and its exit code.
#[track_caller]
fn run(scratch: &Scratch, args: &[&str]) -> (String, String, i32) {
    said(strports().arg("check").args(args).current_dir(scratch.path()).output().unwrap())
}

fn tree(files: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::holding(files);
    scratch.put("strports.toml", CONFIG);
    scratch
}

/// The file with the comments that ignore what is found in it, after which nothing is.
#[track_caller]
fn ignored(name: &str, text: &str) -> String {
    let scratch = tree(&[(name, text)]);
    let (output, errors, code) = run(&scratch, &["--add-ignores"]);
    assert_eq!((output.as_str(), code), ("", 0), "{errors}");
    assert_eq!(run(&scratch, &["-q", "--format", "short", "--fail-on", "info"]).2, 0);
    fs::read_to_string(scratch.join(name)).unwrap()
}

#[test]
fn ok_what_only_looks_like_such_a_comment_is_reported() {
    let script = "daphne -e tcp:x # strports: ignore\n\
                  daphne -e tcp:y # strports: noqa\n\
                  daphne -e tcp:z # strports: disable=not-an-integer\n\
                  true # noqa\n\
                  true # pylint: disable=too-many-arguments\n";
    let scratch = tree(&[("a.sh", script)]);
    let (output, ..) = run(&scratch, &["--select", "malformed-ignore", "--format", "short"]);
    let found: Vec<_> = output.lines().map(code).collect();
    let at = |line: usize| format!("a.sh:{line}:19: warning[malformed-ignore]");
    assert_eq!(found, [at(1), at(2), at(3)]);
    let args = ["--select", "malformed-ignore", "--fix", "--unsafe-fixes", "-q"];
    assert_eq!(run(&scratch, &args).2, 1, "what names no code is not rewritten");
    let text = fs::read_to_string(scratch.join("a.sh")).unwrap();
    assert!(text.contains("daphne -e tcp:z # strports: ignore[not-an-integer]\n"), "{text}");
}

#[test]
fn ok_comments_are_written_where_the_format_has_them() {
    let mark = "# strports: ignore[not-an-integer]";
    assert_eq!(ignored("a.list", "tcp:80\n tcp:x\n"), format!("tcp:80\n {mark}\n tcp:x\n"));
    assert_eq!(
        ignored("a.sh", "true\r\ndaphne -v 1 \\\r\n  -e tcp:x \\\r\n  -e tcp:y\r\n"),
        format!("true\r\n{mark}\r\n{mark}\r\ndaphne -v 1 \\\r\n  -e tcp:x \\\r\n  -e tcp:y\r\n")
    );
    assert_eq!(ignored("a.ini", "[a]\nlisten = tcp:x\n"), format!("[a]\n{mark}\nlisten = tcp:x\n"));
    assert_eq!(
        ignored("a.py", "def f():\n    strports.service(\n        'tcp:x',\n        site)\n"),
        format!(
            "def f():\n    strports.service(\n        {mark}\n        'tcp:x',\n        site)\n"
        )
    );
    assert_eq!(
        ignored("Dockerfile", "FROM x\nCMD [\"daphne\", \"-e\", \"tcp:x\"]\n"),
        format!("FROM x\n{mark}\nCMD [\"daphne\", \"-e\", \"tcp:x\"]\n")
    );
    assert_eq!(
        ignored("a.bat", "daphne -e tcp:x\r\n"),
        "REM strports: ignore[not-an-integer]\r\ndaphne -e tcp:x\r\n"
    );
}

#[test]
fn ok_several_codes_of_a_line_share_a_comment() {
    let text = ignored("a.list", "TCP6:x\n");
    assert_eq!(text, "# strports: ignore[type-case, not-an-integer]\nTCP6:x\n");
}

#[test]
fn ok_what_was_written_is_said() {
    let scratch = tree(&[("a.list", "tcp:x\n")]);
    let (_, errors, _) = run(&scratch, &["--add-ignores"]);
    let said =
        "a.list:1:1: ignored: inserted `# strports: ignore[not-an-integer]` [not-an-integer]\n";
    assert!(errors.contains(said), "{errors}");
    assert!(errors.ends_with("no findings in 1 file; 1 description checked\n"), "{errors}");
}

#[test]
fn err_what_no_comment_can_ignore_is_left_alone_and_reported() {
    let json = "{\"listen\": \"tcp:x\"}\n";
    let scratch = tree(&[("a.json", json)]);
    let (output, _, code) = run(&scratch, &["--add-ignores", "--format", "short"]);
    assert!(output.starts_with("a.json:1:17: error: ") && code == 1, "{output}");
    assert_eq!(fs::read_to_string(scratch.join("a.json")).unwrap(), json);
    let (_, errors, code) = run(&tree(&[]), &["--add-ignores", "-e", "tcp:x"]);
    assert!(errors.contains("only files can be changed"), "{errors}");
    assert_eq!(code, 2);
}

#[test]
fn ok_families_are_apart_on_windows() {
    let line = "daphne -e tcp:8000:interface=0.0.0.0 -e tcp6:8000:interface=\\:\\: x:y\r\n";
    let scratch = tree(&[("run.bat", line), ("run.ps1", line)]);
    let (output, _, code) = run(&scratch, &["--format", "short"]);
    assert_eq!((output.as_str(), code), ("", 0));
    scratch.put("run.bat", "daphne -e tcp6:8000 -e tcp6:8000 x:y\r\n");
    assert!(run(&scratch, &["--format", "short"]).0.contains("[port-conflict]"));
}
