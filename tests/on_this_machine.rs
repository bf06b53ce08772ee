//! `--on-this-machine`: findings of `check` and `explain` about files, in all places of
//! descriptions.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

#[path = "support/runtime/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use rcgen::date_time_ymd;
use serde_json::Value;

use pki::{Authority, leaf};
use support::{Scratch, strports};

/// A directory with a certificate for `localhost`, an expired one, and the given files.
fn place(files: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::new();
    let authority = Authority::new("root");
    let mut params = leaf("old.test");
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 2, 3));
    let pairs = [
        ("server.pem", authority.issue("localhost").both()),
        ("old.pem", authority.issue_as(&params).both()),
    ];
    let pairs = pairs.iter().map(|(name, text)| (*name, text.as_str()));
    for (name, text) in files.iter().copied().chain(pairs) {
        scratch.put(name, text);
        fs::set_permissions(scratch.join(name), Permissions::from_mode(0o600)).unwrap();
    }
    scratch
}

/// The output of a command in a directory, and whether it exits with 0.
#[track_caller]
fn run(scratch: &Scratch, args: &[&str]) -> (String, bool) {
    let output = strports().args(args).current_dir(scratch.path()).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    let text = String::from_utf8(output.stdout).unwrap();
    (text.replace(scratch.path().to_str().unwrap(), "DIRECTORY"), output.status.success())
}

/// The findings of `check ARGS`, as `path:line:column code`.
#[track_caller]
fn found(scratch: &Scratch, args: &[&str]) -> Vec<String> {
    let (text, _) = run(scratch, &[&["check", "--format", "json"], args].concat());
    let line = |line: &str| {
        let it: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        format!("{}:{}:{} {}", text("path"), it["line"], it["column"], text("code"))
    };
    text.lines().map(line).collect()
}

const HERE: &str = "--on-this-machine";

#[test]
fn explain_reports_files_and_exits_with_zero() {
    let scratch = place(&[]);
    let (text, fine) = run(&scratch, &["explain", HERE, "ssl:443:privateKey=old.pem"]);
    assert!(fine, "a lint is no error");
    assert!(
        text.ends_with(
            "warning[certificate-expired]: the certificate `CN=old.test` in `old.pem` \
             expired on 2021-02-03 00:00:00 UTC
  |
1 | ssl:443:privateKey=old.pem
  |         ^^^^^^^^^^^^^^^^^^
"
        ),
        "{text}"
    );
    let (text, _) = run(&scratch, &["explain", "ssl:443:privateKey=old.pem"]);
    assert!(!text.contains("warning"), "the option is absent: {text}");
    let json = ["explain", HERE, "--format", "json", r"tls:certs:endpoint=unix\:sub/app.sock"];
    let (text, _) = run(&scratch, &json);
    let it: Value = serde_json::from_str(&text).unwrap();
    let codes = it["diagnostics"].as_array().unwrap().iter().map(|it| (&it["code"], &it["span"]));
    let expected =
        [("missing-file", [4, 9]), ("not-in-twisted", [10, 37]), ("missing-file", [25, 37])];
    let expected = expected.map(|(code, span)| (Value::from(code), Value::from(span.to_vec())));
    assert_eq!(codes.collect::<Vec<_>>(), expected.each_ref().map(|(code, span)| (code, span)));
    let days = ["explain", HERE, "--expires-within", "65535", "ssl:443"];
    assert!(!run(&scratch, &days).0.contains("certificate-expired"), "it is for longer");
}

#[test]
fn check_reports_files_from_every_format() {
    let scratch = place(&[
        (
            "app.py",
            "serverFromString(reactor, 'ssl:443:privateKey=no.pem')\nstrports.service(f'ssl:443:privateKey={key}')\n",
        ),
        ("run.sh", "daphne -e ssl:443:privateKey=old.pem\ndaphne -e ssl:$PORT\n"),
        ("Dockerfile", "FROM x\nCMD [\"daphne\", \"-e\", \"ssl:443:privateKey=/no.pem\"]\n"),
        ("compose.yaml", "services:\n  a:\n    command: daphne -e ssl:443:privateKey=/no.pem\n"),
        (
            "unit.service",
            "[Service]\nExecStart=daphne -e ssl:443:privateKey=no.pem -e ssl:444:privateKey=/no.pem\n",
        ),
        (
            "other.service",
            "[Service]\nWorkingDirectory=/nonexistent\nExecStart=daphne -e ssl:443\n",
        ),
    ]);
    let all = found(&scratch, &[HERE]);
    assert_eq!(
        all,
        [
            "app.py:1:36 missing-file",
            "other.service:3:21 missing-file",
            "run.sh:1:19 certificate-expired",
            "unit.service:2:58 missing-file",
        ]
    );
    assert_eq!(found(&scratch, &[]), [""; 0]);
    assert_eq!(found(&scratch, &[HERE, "--select", "certificate-expired"]), all[2..3]);
    assert_eq!(found(&scratch, &[HERE, "--ignore", "missing-file"]), all[2..3]);
    let args = ["check", HERE, "-q", "--format", "short", "-e", "ssl:443:no.pem"];
    let (text, fine) = run(&scratch, &args);
    assert!(!fine, "what is reported counts");
    assert_eq!(
        text,
        "-e:1:9: warning: expected a private key in `no.pem`, but there is no such file [missing-file]\n"
    );
}

#[test]
fn ignore_comments_apply_and_need_no_option() {
    let scratch = place(&[(
        "run.sh",
        "daphne -e ssl:443:no.pem # strports: ignore[missing-file]\n\
         daphne -e ssl:444 # strports: ignore[missing-file]\n",
    )]);
    assert_eq!(found(&scratch, &[HERE]), ["run.sh:2:38 unused-ignore"]);
    assert_eq!(found(&scratch, &[]), [""; 0]);
}

#[test]
fn local_clients_must_verify_a_name_of_the_listener() {
    let scratch = place(&[
        ("server.sh", "daphne -e ssl:8443\n"),
        ("good.py", "clientFromString(reactor, 'tls:localhost:8443')\n"),
        (
            "bad.py",
            "clientFromString(reactor, 'ssl:localhost:8443:hostname=a.test')\nclientFromString(reactor, 'tls:127.0.0.1:8443')\n",
        ),
        ("unknown.py", "clientFromString(reactor, f'ssl:localhost:8443:hostname={name}')\n"),
    ]);
    let only = ["--select", "certificate-name-mismatch"];
    let expected =
        ["bad.py:1:28 certificate-name-mismatch", "bad.py:2:28 certificate-name-mismatch"];
    assert_eq!(found(&scratch, &[&only[..], &[HERE]].concat()), expected);
    assert_eq!(found(&scratch, &only), [""; 0]);
    let short = ["check", "-q", "--format", "short", HERE];
    let (text, _) = run(&scratch, &[&short[..], &only].concat());
    assert_eq!(
        text.lines().next().unwrap(),
        "bad.py:1:28: warning: `ssl:8443` on port 8443 has no certificate for `a.test` (server.sh:1) \
         [certificate-name-mismatch]"
    );
}
