//! `strports check` reports the number of files, and exits with 2 if a path argument could not be
//! read.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

mod support;

use std::fs;
use std::io::Write;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

use regex::Regex;
use serde_json::{Value, json};

use support::{Scratch, said, strports};

/// Files named `*.list` are lists of servers.
const LISTS: &str = "[[source]]\nfiles = [\"*.list\"]\nformat = \"list\"\nrole = \"server\"\n";

/// The summary of one file without descriptions.
const NOTHING: &str = "no descriptions found in 1 file (`[[source]]` and `[[command]]` of \
                       strports.toml say where they are, `strports init` writes one)";

/// Three descriptions in two of three files, two of them invalid.
fn tree() -> Scratch {
    Scratch::holding(&[
        ("strports.toml", LISTS),
        ("a.list", "tcp:x\nTCP6:80\n"),
        ("b/run.sh", "daphne -e tcp:80:interface=::1\ndaphne -e $ENDPOINT\n"),
        ("c.py", "print(1)\n"),
        ("d.unknown", "tcp:x\n"),
    ])
}

fn check(scratch: &Scratch, args: &[&str]) -> Command {
    let mut command = strports();
    command.arg("check").args(args).current_dir(scratch.path());
    command
}

/// The output and exit code of `check ARGS`.
#[track_caller]
fn run(scratch: &Scratch, args: &[&str]) -> (String, String, i32) {
    said(check(scratch, args).output().unwrap())
}

/// The same with `text` on standard input.
#[track_caller]
fn run_with(scratch: &Scratch, args: &[&str], text: &[u8]) -> (String, String, i32) {
    let mut command = check(scratch, args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    said(child.wait_with_output().unwrap())
}

#[test]
fn the_last_line_counts_files_and_descriptions() {
    let scratch = tree();
    let last = |args: &[&str]| run(&scratch, args).1.lines().last().unwrap_or_default().to_owned();
    let line = "3 findings in 2 of 3 files; 3 descriptions checked; 2 can be fixed by `--fix`";
    assert_eq!(last(&[]), line);
    assert_eq!(last(&[".", "a.list", "b"]), line, "a file counts once, however often it is named");
    assert_eq!(
        last(&["--min-severity", "error", "a.list"]),
        "1 finding in 1 of 1 file; 2 descriptions checked"
    );
    assert_eq!(last(&["-e", "tcp:80", "-e", "tcp:x"]), "1 finding; 2 descriptions checked");
    assert_eq!(last(&["-e", "tcp:80"]), "no findings; 1 description checked");
    assert_eq!(last(&["b", "--ignore", "all"]), "no findings in 1 file; 1 description checked");
    assert_eq!(last(&["-q"]), "");
    for format in ["short", "github"] {
        assert_eq!(last(&["--format", format]), line, "people read this format, too");
        assert_eq!(last(&["--format", format, "c.py"]), NOTHING);
        assert_eq!(last(&["--format", format, "-q"]), "");
    }
    for format in ["json", "sarif", "gitlab", "junit"] {
        assert_eq!(last(&["--format", format]), "", "programs read this format");
    }
}

#[test]
fn without_descriptions_there_is_advice() {
    let scratch = Scratch::holding(&[("a.py", "print(1)\n"), ("b.sh", "true\n"), ("c.x", "")]);
    let (output, errors, code) = run(&scratch, &[]);
    assert_eq!((output.as_str(), code), ("", 0));
    assert!(errors.starts_with("no descriptions found in 2 files (`[[source]]`"), "{errors}");
    assert!(run(&Scratch::new(), &[]).1.starts_with("no descriptions found in 0 files ("));
    let (_, errors, code) = run(&scratch, &["-q", "--require-descriptions"]);
    let said =
        "strports: no descriptions found in 2 files, but `--require-descriptions` is given\n";
    assert_eq!((errors.as_str(), code), (said, 2));
    assert_eq!(run(&tree(), &["--require-descriptions", "--exit-zero"]).2, 0);
}

#[test]
fn files_and_descriptions_are_listed() {
    let scratch = tree();
    let (output, _, code) = run(&scratch, &["--show-files"]);
    let files = "a.list: list, 2 descriptions\nb/run.sh: shell, 1 description\n\
                 c.py: python, 0 descriptions\n";
    assert_eq!((output.as_str(), code), (files, 0));
    let (output, _, code) = run(&scratch, &["--list"]);
    let list = "a.list:1:1: server in list: tcp:x\na.list:2:1: server in list: TCP6:80\n\
                b/run.sh:1:11: server in shell, by command `daphne` of preset `daphne`: \
                tcp:80:interface=::1\n";
    assert_eq!((output.as_str(), code), (list, 0));
    let records = |args: &[&str]| -> Vec<Value> {
        let (output, ..) = run(&scratch, args);
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let listed = records(&["--list", "--format", "json"]);
    let first = json!({
        "path": "a.list", "line": 1, "column": 1, "end_line": 1, "end_column": 6,
        "description": "tcp:x", "role": "server", "format": "list", "source": null,
        "template": false,
    });
    assert_eq!((listed.len(), &listed[0]), (3, &first));
    let files = records(&["--show-files", "--format", "json"]);
    assert_eq!(files[2], json!({ "path": "c.py", "format": "python", "descriptions": 0 }));
    let (_, errors, code) = run(&scratch, &["--list", "--format", "sarif"]);
    assert!(errors.contains("`--format human` or `json` only"), "{errors}");
    assert_eq!(code, 2);
}

#[test]
fn findings_are_counted_by_code() {
    let scratch = tree();
    fs::write(scratch.join("e.list"), "tcp:y\n").unwrap();
    let (output, errors, code) = run(&scratch, &["--statistics"]);
    let lines: Vec<_> =
        output.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let wanted = [
        "2 error not-an-integer",
        "1 error multiple-values 1 with a fix",
        "1 info type-case 1 with a fix",
    ];
    assert_eq!((lines, code), (wanted.map(str::to_owned).to_vec(), 1));
    assert!(errors.starts_with("4 findings in 3 of 4 files; 4 descriptions checked"), "{errors}");
    let (output, ..) = run(&scratch, &["--statistics", "--format", "json"]);
    let counts: Value = serde_json::from_str(&output).unwrap();
    assert_eq!((&counts["files"], &counts["descriptions"]), (&json!(4), &json!(4)));
    let first = json!({ "code": "not-an-integer", "severity": "error", "count": 2, "fixable": 0 });
    assert_eq!(counts["codes"][0], first);
}

#[test]
fn sarif_has_the_coverage() {
    let scratch = tree();
    let invocation = |args: &[&str]| -> Value {
        let (output, ..) = run(&scratch, &[&["--format", "sarif"], args].concat());
        let log: Value = serde_json::from_str(&output).unwrap();
        log["runs"][0]["invocations"][0].clone()
    };
    let read = json!({ "files": 3, "descriptions": 3 });
    assert_eq!(invocation(&[]), json!({ "executionSuccessful": true, "properties": read }));
    assert_eq!(invocation(&["d.unknown"])["executionSuccessful"], false);
}

#[test]
fn the_failing_severity_is_independent_of_the_reported_one() {
    let scratch = Scratch::new();
    let code = |args: &[&str]| run(&scratch, args).2;
    let (note, warning, error) = ("TCP6:80", "tcp:80:backlog=1:backlog=1", "tcp:x");
    assert_eq!([note, warning, error].map(|it| code(&["-e", it])), [0, 1, 1]);
    assert_eq!(code(&["-e", note, "--fail-on", "info"]), 1);
    assert_eq!(code(&["-e", warning, "--fail-on", "error"]), 0);
    assert_eq!(code(&["-e", error, "--exit-zero"]), 0);
    assert_eq!(code(&["nowhere", "--exit-zero"]), 2);
    assert!(run(&scratch, &["-e", note, "--format", "short"]).0.contains(": note: "));
    let explain = |args: &[&str]| {
        let output = strports().arg("explain").args(args).output().unwrap();
        output.status.code().unwrap()
    };
    assert_eq!([note, warning, error].map(|it| explain(&[it])), [0, 0, 1]);
    assert_eq!(explain(&["--fail-on", "warning", warning]), 1);
    assert_eq!(explain(&["--fail-on", "info", note]), 1);
}

#[test]
fn the_report_may_be_written_to_a_file() {
    let scratch = tree();
    let (output, _, code) = run(&scratch, &["--format", "json", "--output-file", "report"]);
    assert_eq!((output.as_str(), code), ("", 1));
    let report = fs::read_to_string(scratch.join("report")).unwrap();
    assert_eq!(report, run(&scratch, &["--format", "json"]).0);
    let (_, errors, code) = run(&scratch, &["--output-file", "no/report"]);
    assert!(errors.starts_with("strports: cannot write `no/report`: "), "{errors}");
    assert_eq!(code, 2);
}

#[test]
fn an_unreadable_argument_is_a_failure() {
    let scratch = Scratch::new();
    let put = |name: &str, bytes: &[u8]| fs::write(scratch.join(name), bytes).unwrap();
    put("large.py", &b"#\n".repeat(5 << 20));
    put("binary.py", b"x\0");
    put("utf16.py", b"\xff\xfex\0");
    put("a.unknown", b"tcp:x\n");
    put("script", b"tcp:x\n");
    rustix::fs::mkfifoat(rustix::fs::CWD, scratch.path().join("fifo.py"), 0o600.into()).unwrap();
    let _socket = UnixListener::bind(scratch.path().join("socket")).unwrap();
    let no_format = "neither its name nor its first line determines its format (`format =` in a \
                     `[[source]]` of strports.toml does)";
    for (name, why) in [
        ("large.py", "it has more than 8 MiB"),
        ("binary.py", "it is binary, as it has NUL bytes"),
        ("utf16.py", "it is UTF-16 (save it as UTF-8)"),
        ("a.unknown", no_format),
        ("script", no_format),
        ("fifo.py", "it is neither a file nor a directory (`-` is standard input)"),
        ("socket", "it is neither a file nor a directory (`-` is standard input)"),
    ] {
        let (output, errors, code) = run(&scratch, &[name, "--format", "json", "-q"]);
        let said = format!("strports: {name}: cannot be checked: {why}\n");
        assert_eq!((output.as_str(), errors, code), ("", said, 2));
    }
    let (_, errors, code) = run(&scratch, &[]);
    assert!(errors.starts_with("no descriptions found in 0 files"), "{errors}");
    assert_eq!(code, 0, "what no one named may be anything");
}

#[test]
fn an_unreadable_declared_file_is_a_failure() {
    let scratch = Scratch::holding(&[("strports.toml", LISTS), ("a.list", "tcp:x\0")]);
    let (_, errors, code) = run(&scratch, &["-q"]);
    let said = "strports: a.list: cannot be checked: it is binary, as it has NUL bytes\n";
    assert_eq!((errors.as_str(), code), (said, 2));
}

#[test]
fn standard_input_may_be_an_unsaved_file() {
    let scratch = Scratch::holding(&[("sub/strports.toml", "[lints]\nignore = [\"type-case\"]\n")]);
    let text = b"strports.service('TCP6:80x', site)\n";
    let args = ["--stdin-filename", "sub/app.py", "--format", "short"];
    for args in [&args[..], &[&args[..], &["-"]].concat()] {
        let (output, errors, code) = run_with(&scratch, args, text);
        let summary = "1 finding in 1 of 1 file; 1 description checked\n";
        assert_eq!((errors.as_str(), code), (summary, 1));
        assert_eq!(output.lines().count(), 1, "{output}");
        assert!(output.starts_with("sub/app.py:1:24: error: expected an integer"), "{output}");
    }
    let (_, errors, code) = run_with(&scratch, &["--stdin-filename", "a.unknown"], text);
    assert!(errors.starts_with("strports: a.unknown: cannot be checked: neither"), "{errors}");
    assert_eq!(code, 2);
    let (_, errors, code) = run_with(&scratch, &["--stdin-filename", "a.py"], b"\xff\xfex\0");
    assert!(errors.contains("UTF-16"), "{errors}");
    assert_eq!(code, 2);
}

#[test]
fn a_baseline_counts_hidden_and_fixed_findings() {
    let scratch = Scratch::holding(&[
        ("strports.toml", LISTS),
        ("a.list", "tcp:x\ntcp:x\ntcp:y\n"),
        ("b/c.list", "tcp:z\n"),
    ]);
    let (_, errors, code) = run(&scratch, &["--write-baseline", "known.json"]);
    assert_eq!((errors.as_str(), code), ("known.json: 4 findings written\n", 0));
    fs::write(scratch.join("a.list"), "tcp:x\n").unwrap();
    let (_, errors, code) = run(&scratch, &["--baseline", "known.json", "--format", "short"]);
    let said = "known.json hides 2 findings\nknown.json: fixed: a.list: not-an-integer in `tcp:x`\n\
                known.json: fixed: a.list: not-an-integer in `tcp:y`\n\
                no findings in 3 files; 2 descriptions checked\n";
    assert_eq!((errors.as_str(), code), (said, 0));
    let (_, errors, _) = run(&scratch, &["--baseline", "known.json", "--format", "short", "b"]);
    let said = "known.json hides 1 finding\nno findings in 1 file; 1 description checked\n";
    assert_eq!(errors, said, "`a.list` was not looked at");
}

#[test]
fn misspelled_codes_have_a_suggestion() {
    let scratch = Scratch::holding(&[("a.sh", "# strports: ignore[mulitple-values]\ntrue\n")]);
    let hint =
        "unknown code `not-a-integer` (did you mean `not-an-integer`? `strports rule` lists them)";
    let (_, errors, code) = run(&scratch, &["--select", "not-a-integer"]);
    assert!(errors.contains(hint), "{errors}");
    assert_eq!(code, 2);
    let (output, ..) = run(&scratch, &["--format", "short"]);
    assert!(output.contains("did you mean `multiple-values`?"), "{output}");
    let output = strports().args(["rule", "Unescaped_IPv6"]).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("did you mean `unescaped-ipv6`?"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn rules_are_printed_as_json() {
    let rules = |args: &[&str]| -> Vec<Value> {
        let output = strports().arg("rule").args(args).args(["--format", "json"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let one = &rules(&["port-conflict"])[0];
    assert_eq!((&one["code"], &one["severity"]), (&json!("port-conflict"), &json!("warning")));
    assert!(one["page"].as_str().unwrap().contains("Two listeners"), "{one}");
    let all = rules(&[]);
    assert!(all.len() > 50 && all.contains(one));
    assert_eq!(all.iter().filter(|it| it["opt_in"] == true).count(), 1);
}

/// The pattern of the matcher `$gcc` in VS Code, from the extension `ms-vscode.cpptools`.
const VS_CODE: &str = r"^(.*?):(\d+):(\d*):?\s+(?:fatal\s+)?(warning|error):\s+(.*)$";
/// The form of GCC's diagnostics, which also has notes.
const GCC: &str = r"^([^:]+):([1-9]\d*):([1-9]\d*): (note|warning|error): (.+) \[[a-z0-9-]+\]$";

#[test]
fn the_short_format_matches_gcc() {
    let scratch = tree();
    fs::write(scratch.join("d e.list"), "tcp:1: error: 2\nunix:/a\u{7}b:mode=9\n").unwrap();
    let (output, errors, _) = run(&scratch, &["--format", "short"]);
    let patterns = [VS_CODE, GCC].map(|it| Regex::new(it).unwrap());
    assert_eq!(output.lines().count(), 6, "{output}");
    for line in output.lines() {
        let found: Vec<_> = patterns.iter().filter_map(|it| it.captures(line)).collect();
        // VS Code shows no notes, neither those of GCC.
        let wanted = if line.contains(": note: ") { 1 } else { 2 };
        assert_eq!(found.len(), wanted, "{line}");
        for parts in &found {
            assert!(scratch.path().join(&parts[1]).is_file(), "{line}");
        }
    }
    // A task of VS Code matches the lines of standard error, too.
    for line in errors.lines() {
        assert!(patterns.iter().all(|it| !it.is_match(line)), "{line}");
    }
    assert_eq!(errors.lines().count(), 1, "{errors}");
}
