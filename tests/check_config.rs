//! `strports check` on configuration files of projects: all mistakes in `tests/trees/config` are
//! found at their places, and nothing else.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

mod support;

use std::fs;
use std::path::Path;

use support::{Scratch, code, strports};

const TREE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trees/config");

/// All findings in the tree: place, severity and code.
const FINDINGS: &[&str] = &[
    "app/app.ini:2:37: error[unexpected-keyword]",
    "app/app.json:4:30: error[unexpected-keyword]",
    "app/app.json:5:27: error[unknown-type]",
    "app/app.json:11:11: warning[looks-like-url]",
    "app/app.settings:2:23: error[unexpected-keyword]",
    "app/app.toml:5:30: error[multiple-values]",
    "app/app.toml:6:39: error[not-an-integer]",
    "app/app.yaml:2:30: error[multiple-values]",
    "app/app.yaml:3:29: error[unexpected-keyword]",
    "app/app.yaml:10:23: error[unexpected-keyword]",
    "app/app.yaml:12:39: error[not-an-integer]",
    "cowrie/etc/cowrie.cfg:14:82: error[multiple-values]",
    "cowrie/etc/cowrie.cfg:21:14: error[unexpected-keyword]",
    "cowrie/etc/cowrie.cfg.dist:2:20: error[unknown-type]",
    "daphne/chart/templates/deployment.yaml:15:36: error[unexpected-keyword]",
    "daphne/docker-compose.yml:7:56: error[unexpected-keyword]",
    "daphne/docker-compose.yml:24:21: error[not-an-integer]",
    "daphne/k8s/deployment.yaml:16:26: warning[port-conflict]",
    "daphne/k8s/deployment.yaml:23:66: error[multiple-values]",
    "others/supervisord.conf:6:80: error[unexpected-keyword]",
    "tahoe/node/tahoe.cfg:7:31: error[multiple-values]",
    "tahoe/node/tahoe.cfg:7:67: error[not-an-integer]",
    "tahoe/node/tahoe.cfg:16:17: error[multiple-values]",
    "tahoe/node/tahoe.cfg:16:37: warning[empty-argument]",
    "tahoe/node/tahoe.cfg:20:8: error[unknown-type]",
];

/// A copy of the tree for changes.
fn tree() -> Scratch {
    let scratch = Scratch::new();
    copy(Path::new(TREE), scratch.path());
    scratch
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).unwrap();
        }
    }
}

/// The findings of `check ARGS` in the tree, one per line.
#[track_caller]
fn check(scratch: &Scratch, args: &[&str]) -> Vec<String> {
    let mut command = strports();
    command.args(["check", "--quiet", "--format", "short"]).args(args).current_dir(scratch.path());
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    let output = String::from_utf8(output.stdout).unwrap();
    output.lines().map(str::to_owned).collect()
}

#[test]
fn all_mistakes_are_found_and_nothing_else() {
    let found: Vec<_> = check(&tree(), &[]).iter().map(|line| code(line)).collect();
    assert_eq!(found, FINDINGS);
}

#[test]
fn fixed_files_stay_fixed() {
    let scratch = tree();
    let args = ["--fix", "--unsafe-fixes"];
    let left: Vec<_> = check(&scratch, &args).iter().map(|line| code(line)).collect();
    let not_fixable = [
        "not-an-integer",
        "port-conflict",
        "app.json:4:30: error[unexpected-keyword]",
        "app.settings:2:23: error[unexpected-keyword]",
        "app.yaml:3:29: error[unexpected-keyword]",
        "app.yaml:10:23: error[unexpected-keyword]",
        "tahoe.cfg:16:",
    ];
    let mut kept = FINDINGS.iter().filter(|line| not_fixable.iter().any(|it| line.contains(it)));
    for line in &left {
        // A fix earlier on the line moves one of them. The value of the corrected keyword is odd.
        let wanted = kept.next().unwrap().replace("tahoe.cfg:7:67", "tahoe.cfg:7:69").replace(
            "app.json:4:30: error[unexpected-keyword]",
            "app.json:4:30: warning[interface-family]",
        );
        assert_eq!(line, &wanted);
    }
    assert_eq!(kept.next(), None);
    assert_eq!(check(&scratch, &args).iter().map(|line| code(line)).collect::<Vec<_>>(), left);
    let fixed = |name: &str, line: &str| {
        let text = fs::read_to_string(scratch.join(name)).unwrap();
        assert!(text.lines().any(|it| it == line), "{text}");
    };
    fixed("app/app.toml", r#"listen = "tcp:8080:interface=\\:\\:1""#);
    fixed("app/app.yaml", r"  listen: tcp:8080:interface=\:\:1");
    fixed("app/app.json", r#"    "listen": "tcp\u003a8080:interface=\"\\:\\:1\"", /* more */"#);
    fixed(
        "tahoe/node/tahoe.cfg",
        r"tub.port = tcp:3457:interface=fe80\:\:1,listen:i2p,tcp:3458:backlog=5O",
    );
    fixed(
        "others/supervisord.conf",
        "command = daphne -u /run/daphne%(process_num)d.sock --fd 0 -e tcp:%(ENV_PORT)s:interface=0.0.0.0",
    );
}

/// Findings are silent only because of a comment that ignores them.
#[test]
fn comments_ignore_in_every_format() {
    let scratch = tree();
    let files = [
        ("app/app.toml", "9:28: error[not-an-integer]"),
        ("app/app.json", "10:24: error[missing-argument]"),
        ("cowrie/etc/cowrie.cfg", "23:5: error[unknown-type]"),
        ("daphne/docker-compose.yml", "19:15: error[not-an-integer]"),
        ("daphne/k8s/deployment.yaml", "19:15: error[unknown-type]"),
    ];
    for (name, finding) in files {
        let before = check(&scratch, &[name]);
        let text = fs::read_to_string(scratch.join(name)).unwrap();
        fs::write(scratch.join(name), text.replace("strports: ignore", "nothing")).unwrap();
        let after = check(&scratch, &[name]);
        let more: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
        assert_eq!(
            more.iter().map(|line| code(line)).collect::<Vec<_>>(),
            [format!("{name}:{finding}")]
        );
    }
}
