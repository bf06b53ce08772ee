//! Comments that ignore findings of `strports check`: unused ones, and those of `--add-ignores`.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

mod support;

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use strports_syntax::{Role, Signature};

use support::{Scratch, code, said, strports};

const CONFIG: &str = "[[source]]\nfiles = [\"*.list\"]\nformat = \"list\"\nrole = \"server\"\n\
    [[source]]\nfiles = [\"*.ini\", \"*.json\", \"a.toml\"]\nkeys = { \"**.listen\" = \"server\" }\n";

/// The output and exit code of `check ARGS`.
#[track_caller]
fn run(scratch: &Scratch, args: &[&str]) -> (String, String, i32) {
    said(strports().arg("check").args(args).current_dir(scratch.path()).output().unwrap())
}

fn tree(files: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::holding(files);
    scratch.put("strports.toml", CONFIG);
    scratch
}

/// The file after `--add-ignores`. It has no findings anymore.
#[track_caller]
fn ignored(name: &str, text: &str) -> String {
    let scratch = tree(&[(name, text)]);
    let (output, errors, code) = run(&scratch, &["--add-ignores"]);
    assert_eq!((output.as_str(), code), ("", 0), "{errors}");
    assert_eq!(run(&scratch, &["-q", "--format", "short", "--fail-on", "info"]).2, 0);
    fs::read_to_string(scratch.join(name)).unwrap()
}

#[test]
fn near_misses_of_ignore_comments_are_reported() {
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
fn ignore_comments_are_written_in_the_syntax_of_the_format() {
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

/// A line inside a block is text of the block, so the comment stands before it.
#[test]
fn ignore_comments_of_blocks_stand_before_them() {
    let code = "strports: ignore[not-an-integer]";
    let (mark, html) = (format!("# {code}"), format!("<!-- {code} -->"));
    assert_eq!(
        ignored("c.yml", "a:\n  command: >\n    daphne -e tcp:x\n    -e tcp:y app:app\n  b: 1\n"),
        format!("a:\n  {mark}\n  command: >\n    daphne -e tcp:x\n    -e tcp:y app:app\n  b: 1\n")
    );
    assert_eq!(
        ignored("c.yaml", "steps:\n- run: |\n    daphne -e tcp:x\n\n    true\n- run: 'true'\n"),
        format!("steps:\n{mark}\n- run: |\n    daphne -e tcp:x\n\n    true\n- run: 'true'\n")
    );
    let page = "# Use\n\nFirst\nby `daphne -e tcp:x`:\n\n```sh\ndaphne -e tcp:y\n\ntrue\n```\n";
    assert_eq!(
        ignored("a.md", page),
        format!("# Use\n\n{html}\n{}", &page[7..]).replacen("```", &format!("{html}\n```"), 1)
    );
    let code_alone = "# Use\n\n    daphne -e tcp:x\n";
    assert_eq!(ignored("b.md", code_alone), format!("# Use\n\n{html}\n    daphne -e tcp:x\n"));
    let page =
        "Use\n===\n\nRun::\n\n    daphne -e tcp:x\n\n.. code-block:: sh\n\n   daphne -e tcp:y\n";
    assert_eq!(
        ignored("a.rst", page),
        format!(
            "Use\n===\n\n.. {code}\n\nRun::\n\n    daphne -e tcp:x\n\n.. {code}\n\n\
             .. code-block:: sh\n\n   daphne -e tcp:y\n"
        )
    );
}

/// Behind the opening of the string, a comment on a line of its own would be text.
#[test]
fn each_line_has_its_comment_where_one_works() {
    let mark = "# strports: ignore[not-an-integer]";
    assert_eq!(
        ignored(
            "a.toml",
            "[a]\nlisten = 'tcp:x'\n[b]\nlisten = \"\"\"\ntcp:y\"\"\"\n[c]\nlisten = 'tcp:z'\n"
        ),
        format!(
            "[a]\n{mark}\nlisten = 'tcp:x'\n[b]\nlisten = \"\"\"\ntcp:y\"\"\"  {mark}\n[c]\n\
             {mark}\nlisten = 'tcp:z'\n"
        )
    );
}

#[test]
fn several_codes_of_a_line_share_a_comment() {
    let text = ignored("a.list", "TCP6:x\n");
    assert_eq!(text, "# strports: ignore[type-case, not-an-integer]\nTCP6:x\n");
}

#[test]
fn written_ignore_comments_are_reported() {
    let scratch = tree(&[("a.list", "tcp:x\n")]);
    let (_, errors, _) = run(&scratch, &["--add-ignores"]);
    let said =
        "a.list:1:1: ignored: inserted `# strports: ignore[not-an-integer]` [not-an-integer]\n";
    assert!(errors.contains(said), "{errors}");
    assert!(errors.ends_with("no findings in 1 file; 1 description checked\n"), "{errors}");
}

#[test]
fn findings_that_no_comment_can_ignore_are_reported() {
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
fn address_families_are_separate_on_windows() {
    let line = "daphne -e tcp:8000:interface=0.0.0.0 -e tcp6:8000:interface=\\:\\: x:y\r\n";
    let scratch = tree(&[("run.bat", line), ("run.ps1", line)]);
    let (output, _, code) = run(&scratch, &["--format", "short"]);
    assert_eq!((output.as_str(), code), ("", 0));
    scratch.put("run.bat", "daphne -e tcp6:8000 -e tcp6:8000 x:y\r\n");
    assert!(run(&scratch, &["--format", "short"]).0.contains("[port-conflict]"));
}

#[test]
fn an_explained_error_has_the_code_of_its_explanation() {
    let scratch = tree(&[("a.list", "tcp:80:interface=::1\ntcp:x\n")]);
    let found = |args: &[&str]| -> Vec<String> {
        let (output, ..) = run(&scratch, &[&["--format", "short"], args].concat());
        output.lines().map(code).collect()
    };
    let (address, number) =
        ("a.list:1:18: error[multiple-values]", "a.list:2:5: error[not-an-integer]");
    assert_eq!(found(&[]), [address, number]);
    assert_eq!(found(&["--select", "unescaped-ipv6"]), [address]);
    assert_eq!(found(&["--select", "multiple-values"]), [address]);
    assert_eq!(found(&["--ignore", "unescaped-ipv6"]), [number]);
    assert_eq!(found(&["--ignore", "warning"]), [address, number], "it is an error");
    let (output, ..) = run(&scratch, &["--select", "unescaped-ipv6"]);
    assert!(output.contains("= note: `strports rule unescaped-ipv6` says more"), "{output}");
    scratch.put("a.list", "tcp:80:interface=::1 # strports: ignore[unescaped-ipv6]\n");
    assert_eq!(found(&[]), [""; 0]);
}

#[test]
fn advice_matches_the_program() {
    let help = |name: &str, text: &str| -> String {
        let scratch = tree(&[(name, text)]);
        let (output, ..) = run(&scratch, &["--select", "haproxy-trusts-everyone"]);
        let help = output.lines().find_map(|line| line.trim().strip_prefix("= help: "));
        help.unwrap_or_default().to_owned()
    };
    let narrow = "[ssh]\nlisten_endpoints = haproxy:tcp:2224:interface=100.118.43.30\n";
    assert_eq!(help("cowrie.cfg", narrow), "let a firewall admit only the balancer");
    let wide = "add `interface=` with an address that only the balancer can reach";
    assert_eq!(help("a.list", "haproxy:tcp:80\n"), wide);
    let ours = "add `proxyTrusted=NETWORK`, which Twisted does not read";
    assert_eq!(help("a.sh", "strports listen haproxy:tcp:80\n"), ours);
    // A misspelled extension is fixed for the program that reads the description.
    let fixed = |name: &str, text: &str| {
        let scratch = tree(&[(name, text)]);
        run(&scratch, &["--fix", "-q"]);
        fs::read_to_string(scratch.join(name)).unwrap()
    };
    assert_eq!(fixed("a.sh", "daphne -e tcp:80:reuseport=1\n"), "daphne -e tcp:80:reuseport=1\n");
    let listen = "strports listen tcp:80:reuseport=1\n";
    assert_eq!(fixed("a.sh", listen), "strports listen tcp:80:reusePort=1\n");
}

/// Files of each preset's program with a description at `HERE`.
const PROGRAMS: [(&str, &str); 6] = [
    ("a.sh", "daphne -e 'HERE' app:app\n"),
    ("b.sh", "twist web --listen 'HERE'\n"),
    ("cowrie.cfg", "[ssh]\nlisten_endpoints = HERE\n"),
    ("tahoe.cfg", "[node]\ntub.port = HERE\n"),
    ("master.cfg", "c['protocols'] = {'pb': {'port': r'HERE'}}\n"),
    ("a.py", "clientFromString(reactor, r'HERE')\n"),
];

/// Every rule of a single description is reported for some program. Its help names nothing that
/// only this project has.
#[test]
fn advice_of_every_rule_matches_the_program() {
    let scratch = Scratch::new();
    let output = strports().args(["rule", "--format", "json"]).output().unwrap();
    let rules = String::from_utf8(output.stdout).unwrap();
    let rules: Vec<Value> = rules.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    for (number, rule) in rules.iter().enumerate() {
        let page = rule["page"].as_str().unwrap();
        let examples = page.lines().filter_map(|line| line.strip_prefix("    "));
        for (place, example) in examples.enumerate() {
            for (name, text) in PROGRAMS {
                scratch.put(&format!("{number}-{place}/{name}"), &text.replace("HERE", example));
            }
        }
    }
    let signatures = [Role::Server, Role::Client].into_iter().flat_map(Signature::all);
    let own = signatures.flat_map(|it| it.parameters).filter(|it| it.extension);
    let own: Vec<String> = own.map(|it| format!("`{}=", it.name)).collect();
    let mut seen = BTreeSet::new();
    for twisted in ["16.0", "22.4", "26.10"] {
        let args = ["--format", "json", "--select", "all", "--twisted", twisted];
        let (output, errors, _) = run(&scratch, &args);
        assert!(!errors.contains("strports: "), "{errors}");
        for line in output.lines() {
            let finding: Value = serde_json::from_str(line).unwrap();
            let help = finding["help"].as_str().unwrap_or_default();
            assert!(!own.iter().any(|it| help.contains(it.as_str())), "{twisted}: {line}");
            seen.extend(finding["code"].as_str().map(str::to_owned));
        }
    }
    // These explain errors, compare descriptions with each other, or are about the text around
    // them.
    let others = [
        "bytes-description",
        "cut-off",
        "legacy-bare-port",
        "malformed-ignore",
        "path-conflict",
        "port-conflict",
        "positional-looks-like-keyword",
        "transport-mismatch",
        "unescaped-endpoint",
        "unescaped-equals",
        "unescaped-ipv6",
        "unexpanded-variable",
        "unused-ignore",
        "windows-path",
    ];
    let wanted = rules.iter().filter(|it| it["needs_machine"] == false);
    let wanted = wanted.map(|it| it["code"].as_str().unwrap());
    let missing: Vec<_> = wanted.filter(|it| !seen.contains(*it) && !others.contains(it)).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn a_description_of_either_role_gets_the_likely_role() {
    let role = |text: &str| {
        let output = strports().args(["explain", "--format", "json", text]).output().unwrap();
        let record: Value = serde_json::from_slice(&output.stdout).unwrap();
        record["role"].as_str().unwrap().to_owned()
    };
    for text in ["tls:example.com:443", "tls:127.0.0.1:443", r"tls:\:\:1:443", "tls:localhost:443"]
    {
        assert_eq!(role(text), "client", "{text}");
    }
    for text in ["tls:/etc/certs:443", "tls:certs:443", "tls:server.pem:443", "unix:/run/a.sock"] {
        assert_eq!(role(text), "server", "{text}");
    }
    let output = strports().args(["explain", "tls:example.com:443"]).output().unwrap();
    let said = "It was read as a client; `--role server` reads it as a server.";
    assert!(String::from_utf8(output.stdout).unwrap().contains(said));
}
