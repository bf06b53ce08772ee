//! `strports check`: its input, exit codes and output.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use serde_json::Value;

use support::{Scratch, code, said, strports};

/// Files named `*.list` are lists of servers.
const LISTS: &str = "[[source]]\nfiles = [\"*.list\"]\nformat = \"list\"\nrole = \"server\"\n";

/// A directory with this configuration.
fn tree(files: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::holding(files);
    scratch.put("strports.toml", LISTS);
    scratch
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

#[track_caller]
fn short(scratch: &Scratch, args: &[&str]) -> Vec<String> {
    let args: Vec<&str> = ["--format", "short"].into_iter().chain(args.iter().copied()).collect();
    let (output, errors, exit) = run(scratch, &args);
    let is_summary = errors.contains(" checked") && !errors.contains("strports: ");
    assert!(is_summary && errors.lines().count() == 1, "{errors}");
    let found: Vec<_> = output.lines().map(code).collect();
    assert_eq!(exit, i32::from(found.iter().any(|it| !it.contains(": note["))));
    found
}

#[test]
fn ignored_and_hidden_files_are_skipped_unless_named() {
    let wrong = "tcp:x\n";
    let files = ["a.list", "b/c.list", "ignored/d.list", ".hidden/e.list", "f.txt"];
    let scratch = tree(&files.map(|name| (name, wrong)));
    fs::write(scratch.join(".gitignore"), "ignored\n").unwrap();
    fs::write(scratch.join("binary.py"), b"strports.service('tcp:x')\n\0").unwrap();
    let error = ":1:5: error[not-an-integer]";
    let found =
        |names: &[&str]| names.iter().map(|name| format!("{name}{error}")).collect::<Vec<_>>();
    assert_eq!(short(&scratch, &[]), found(&["a.list", "b/c.list"]));
    assert_eq!(short(&scratch, &["."]), found(&["a.list", "b/c.list"]));
    assert_eq!(short(&scratch, &["ignored/d.list"]), found(&["ignored/d.list"]));
    assert_eq!(
        short(&scratch, &[".hidden/e.list", "a.list"]),
        found(&[".hidden/e.list", "a.list"])
    );
    let absolute = scratch.join("a.list");
    assert_eq!(short(&scratch, &[&absolute, "a.list", "."]), found(&["a.list", "b/c.list"]));
}

#[cfg(target_os = "linux")]
#[test]
fn virtual_file_systems_are_skipped() {
    let scratch = tree(&[]);
    let said = "strports: /proc/self: cannot be checked: procfs holds no files\n";
    let (output, errors, code) = run(&scratch, &["/proc/self", "--format", "short"]);
    assert_eq!((output.as_str(), errors.as_str(), code), ("", said, 2));
}

#[test]
fn omitted_findings_of_a_file_are_counted() {
    let scratch = tree(&[("a.list", &"tcp:80\n".repeat(10_001))]);
    let (_, errors, code) = run(&scratch, &["--format", "short"]);
    let said = "strports: a.list: more than 10000 descriptions or findings; what follows them was \
                not checked\n9999 findings in 1 of 1 file; 10000 descriptions checked\n";
    assert_eq!((errors.as_str(), code), (said, 2));
}

#[test]
fn symbolic_links_do_not_loop() {
    let scratch = tree(&[("a/b.list", "tcp:x\n")]);
    symlink("..", scratch.join("a/loop")).unwrap();
    symlink("loop", scratch.join("loop")).unwrap();
    symlink("a/b.list", scratch.join("link.list")).unwrap();
    assert_eq!(short(&scratch, &[]), ["a/b.list:1:5: error[not-an-integer]"]);
    assert_eq!(short(&scratch, &["link.list"]), ["link.list:1:5: error[not-an-integer]"]);
    assert_eq!(short(&scratch, &["a/loop/a"]), ["a/loop/a/b.list:1:5: error[not-an-integer]"]);
}

#[test]
fn unreadable_files_are_reported_with_exit_code_2() {
    let scratch = tree(&[("a.list", "tcp:80\n"), ("x/strports.toml", "a = 1\n"), ("x/a.list", "")]);
    let (output, errors, code) = run(&scratch, &["nowhere", "a.list"]);
    assert_eq!((output.as_str(), code), ("", 2));
    assert_eq!(errors, "strports: nowhere: No such file or directory (os error 2)\n");
    let (_, errors, code) = run(&scratch, &["x"]);
    assert!(errors.starts_with("strports: x/strports.toml:1:1: unknown field `a`"), "{errors}");
    assert_eq!(code, 2);
    let (_, errors, code) = run(&scratch, &["--select", "no-such-code"]);
    assert!(errors.contains("unknown code `no-such-code`"), "{errors}");
    assert_eq!(code, 2);
    let (_, errors, code) = run(&scratch, &["--fix", "-e", "tcp:80"]);
    assert!(errors.contains("only files can be changed"), "{errors}");
    assert_eq!(code, 2);
    fs::write(scratch.join("y.unknown"), "tcp:x").unwrap();
    let (output, errors, code) = run(&scratch, &["y.unknown"]);
    assert!(errors.contains("y.unknown: cannot be checked: neither its name"), "{errors}");
    assert_eq!((output.as_str(), code), ("", 2));
}

#[test]
fn the_nearest_configuration_applies() {
    let scratch =
        tree(&[("a.list", "TCP6:80\n"), ("x/a.list", "TCP6:80\n"), ("x/y/a.list", "TCP6:80\n")]);
    let ignoring = format!("{LISTS}[lints]\nignore = [\"type-case\"]\n");
    fs::write(scratch.join("x/strports.toml"), ignoring).unwrap();
    assert_eq!(short(&scratch, &[]), ["a.list:1:1: note[type-case]"]);
    assert_eq!(short(&scratch, &["x/y"]), [""; 0]);
}

#[test]
fn select_ignore_and_paths_are_applied() {
    let scratch = tree(&[("a.list", "TCP6:+80\ntcp:x\n"), ("old/a.list", "TCP6:+80\ntcp:x\n")]);
    let per_path = format!("{LISTS}[lints.per-path]\n\"old/**\" = [\"error\", \"type-case\"]\n");
    fs::write(scratch.join("strports.toml"), per_path).unwrap();
    let case = "a.list:1:1: note[type-case]";
    let (integer, error) =
        ("a.list:1:6: note[noncanonical-integer]", "a.list:2:5: error[not-an-integer]");
    let old = "old/a.list:1:6: note[noncanonical-integer]";
    assert_eq!(short(&scratch, &[]), [case, integer, error, old]);
    assert_eq!(short(&scratch, &["--min-severity", "warning"]), [error]);
    assert_eq!(short(&scratch, &["--ignore", "noncanonical-integer,error"]), [case]);
    assert_eq!(short(&scratch, &["--select", "error"]), [error]);
}

#[test]
fn ignore_comments_apply_and_unused_ones_are_reported() {
    let list = "tcp:x # strports: ignore[not-an-integer]\n\
                # strports: ignore[not-an-integer, type-case]\n\
                # more to say\n\
                \n\
                TCP6:x\n\
                tcp:x\n\
                # strports: ignore[type-case, not-an-integer]\n\
                tcp6:x\n\
                # strports: ignore[all]\n\
                tcp:80\n";
    let scratch = tree(&[("a.list", list)]);
    let found = short(&scratch, &[]);
    let wanted = [
        "a.list:6:5: error[not-an-integer]",
        "a.list:7:20: warning[unused-ignore]",
        "a.list:9:20: warning[unused-ignore]",
    ];
    assert_eq!(found, wanted);
    assert_eq!(short(&scratch, &["--select", "type-case"]), [""; 0]);
}

#[test]
fn fixes_are_written_once_and_keep_modes_and_line_ends() {
    let list = "port=1:TCP6:backlog=+5\r\n# strports: ignore[type-case]\r\ntcp:80:interface=::1\r\nunix:/é";
    let scratch = tree(&[("a.list", list), ("b.list", "tcp:80\n")]);
    let path = scratch.join("a.list");
    symlink("a.list", scratch.join("c.link")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let (diff, _, code) = run(&scratch, &["--diff"]);
    assert_eq!(code, 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), list);
    let (output, errors, _) =
        run(&scratch, &["--fix", "--select", "all", "--ignore", "world-writable-socket"]);
    let said = "\
        a.list:1:1: fixed: wrote `TCP6:port=1` in place of `port=1:TCP6` [type-not-first]\n\
        a.list:1:21: fixed: wrote `5` in place of `+5` [noncanonical-integer]\n\
        a.list:2:1: fixed: removed `# strports: ignore[type-case]\\r\\n` [unused-ignore]\n\
        a.list:3:18: fixed: wrote `\\:\\:1` in place of `::1` [multiple-values]\n\
        a.list:1:1: fixed: wrote `tcp6` in place of `TCP6` [type-case]\n\
        no findings in 2 files; 4 descriptions checked; 5 fixed\n";
    assert_eq!((output.as_str(), errors.as_str()), ("", said));
    let fixed = "tcp6:port=1:backlog=5\r\ntcp:80:interface=\\:\\:1\r\nunix:/é";
    assert_eq!(fs::read_to_string(&path).unwrap(), fixed);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    for line in fixed.lines().take(2) {
        assert!(diff.contains(&format!("+{line}")), "{diff}");
    }
    let again = run(&scratch, &["--fix", "--ignore", "world-writable-socket"]);
    assert_eq!(again.1, "no findings in 2 files; 4 descriptions checked\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), fixed);
    let names = fs::read_dir(scratch.path()).unwrap().count();
    assert_eq!(names, 4, "something is left behind");
}

#[test]
fn suggestions_need_an_option() {
    let scratch = tree(&[("a.list", "tcp:80:intreface=127.0.0.1\n")]);
    let path = scratch.join("a.list");
    assert_eq!(run(&scratch, &["--fix"]).2, 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), "tcp:80:intreface=127.0.0.1\n");
    let said = "a.list:1:8: fixed: wrote `interface` in place of `intreface` [unexpected-keyword]\n\
                no findings in 1 file; 1 description checked; 1 fixed\n";
    assert_eq!(run(&scratch, &["--fix", "--unsafe-fixes"]).1, said);
    assert_eq!(fs::read_to_string(&path).unwrap(), "tcp:80:interface=127.0.0.1\n");
}

#[test]
fn a_baseline_hides_known_findings() {
    let scratch = tree(&[("a.list", "tcp:x\ntcp:x\ntcp:y\n")]);
    assert_eq!(run(&scratch, &["--write-baseline", "known.json"]).2, 0);
    let known = || {
        let args = ["-q", "--format", "short", "--baseline", "known.json"];
        let (output, errors, code) = run(&scratch, &args);
        let found: Vec<_> = output.lines().map(self::code).collect();
        assert_eq!((errors.as_str(), code), ("", i32::from(!found.is_empty())));
        found
    };
    assert_eq!(known(), [""; 0]);
    fs::write(scratch.join("a.list"), "tcp:y\ntcp:x\ntcp:x\ntcp:x\ntcp:z\n").unwrap();
    let new = ["a.list:4:5: error[not-an-integer]", "a.list:5:5: error[not-an-integer]"];
    assert_eq!(known(), new);
    let (_, errors, code) = run(&scratch, &["--baseline", "absent.json"]);
    assert!(errors.starts_with("strports: absent.json: "), "{errors}");
    assert_eq!(code, 2);
}

#[test]
fn json_has_the_keys_of_the_contract() {
    let scratch = tree(&[("é/a.list", "tcp:80:interface=::1\n"), ("b.list", "tcp:1\ntcp:1\n")]);
    let (output, _, code) = run(&scratch, &["--format", "json"]);
    assert_eq!(code, 1);
    let records: Vec<Value> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 2);
    let keys = [
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "code",
        "severity",
        "message",
        "description",
        "role",
        "fix",
    ];
    for (record, line) in records.iter().zip(output.lines()) {
        assert_eq!(record.as_object().unwrap().len(), keys.len());
        let places: Vec<_> =
            keys.iter().map(|key| line.find(&format!("\"{key}\":")).unwrap()).collect();
        assert!(places.is_sorted(), "{line}");
    }
    assert_eq!(records[1]["path"], "é/a.list");
    assert_eq!(records[1]["end_column"], 21);
    assert_eq!(records[1]["fix"]["replacement"], r"\:\:1");
    assert_eq!(records[1]["fix"]["span"], serde_json::json!([17, 20]));
    assert_eq!(records[0]["role"], "server");
}

#[test]
fn standard_input_is_checked_with_options() {
    let scratch = Scratch::new();
    let mut child =
        check(&scratch, &["--format", "short", "-", "-e", "tcp:h:0", "--role", "client"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
    let mut input = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, b"tcp:h:80\n\n# no\ntcp:h:x").unwrap();
    drop(input);
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let lines: Vec<_> = output.lines().map(code).collect();
    assert_eq!(lines, ["-:4:7: error[not-an-integer]", "-e:1:7: warning[port-zero-client]"]);
}

#[test]
fn each_option_is_one_description() {
    let scratch = Scratch::new();
    let args = ["-e", "", "-e", "# x", "-e", "tcp:80\n", "-e", "tcp:x"];
    let wanted = [
        "-e:1:1: error[empty-description]",
        "-e:2:1: error[unknown-type]",
        "-e:4:5: error[not-an-integer]",
    ];
    assert_eq!(short(&scratch, &args), wanted);
}

#[test]
fn an_older_twisted_has_fewer_types() {
    let scratch = tree(&[("a.list", "haproxy:tls:certs:443\ntcp:80\n")]);
    let select = ["--select", "not-in-twisted"];
    assert_eq!(short(&scratch, &select), [""; 0]);
    let older = short(&scratch, &[&select[..], &["--twisted", "24.10"]].concat());
    assert_eq!(older, ["a.list:1:9: note[not-in-twisted]"]);
}

#[test]
fn clients_and_listeners_of_a_tree_are_compared() {
    let clients = "[[source]]\nfiles = [\"*.clients\"]\nformat = \"list\"\nrole = \"client\"\n";
    let scratch = tree(&[
        (
            "a.list",
            "ssl:443:interface=127.0.0.1\ntcp:80\ntcp:81\nssl:82\ntcp:interface=10.0.0.1:port=83\n",
        ),
        (
            "b/x.clients",
            "tcp:localhost:443\ntls:localhost:443\ntls:127.0.0.1:80\ntls:h:81\n\
                         tcp:localhost:82\ntls:localhost:83\ntls:localhost:84\n",
        ),
        ("c.list", "tcp:82:interface=127.0.0.2\n"),
    ]);
    fs::write(scratch.join("strports.toml"), format!("{LISTS}{clients}")).unwrap();
    let found = short(&scratch, &["--select", "transport-mismatch"]);
    let wanted = [
        "b/x.clients:1:1: warning[transport-mismatch]",
        "b/x.clients:3:1: warning[transport-mismatch]",
    ];
    assert_eq!(found, wanted);
}

/// All kinds of findings, with and without a fix, in a file whose name is not a URI.
fn many() -> Scratch {
    let list = "tcp:80:interface=::1\nTCP6:1\ntcp:%\ntcp:80:intreface=a\n# strports: ignore[nope]\nunix:/a\n";
    tree(&[("a b:é.list", list)])
}

#[test]
fn sarif_matches_its_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("schemas/sarif-2.1.0-part.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for scratch in [many(), tree(&[])] {
        let (output, _, _) = run(&scratch, &["--format", "sarif"]);
        let log: Value = serde_json::from_str(&output).unwrap();
        let mistakes: Vec<_> = validator.iter_errors(&log).map(|it| it.to_string()).collect();
        assert_eq!(mistakes, [""; 0], "{output}");
        let run = &log["runs"][0];
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "a%20b%3A%C3%A9.list");
        }
    }
}

#[test]
fn gitlab_findings_have_unique_fingerprints() {
    let (output, _, _) = run(&many(), &["--format", "gitlab"]);
    let issues: Vec<Value> = serde_json::from_str(&output).unwrap();
    let mut prints: Vec<_> = issues.iter().map(|it| it["fingerprint"].to_string()).collect();
    prints.sort_unstable();
    prints.dedup();
    assert!(issues.len() >= 5 && prints.len() == issues.len(), "{output}");
    assert_eq!(
        issues[0]["location"],
        serde_json::json!({"path": "a b:é.list", "lines": {"begin": 1, "end": 1}})
    );
    assert_eq!(issues[0]["severity"], "major");
    assert_eq!(run(&tree(&[]), &["--format", "gitlab"]).0, "[]\n");
}
