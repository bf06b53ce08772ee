//! Tests of findings on paths, and on unknown values.

use super::*;

#[test]
fn a_missing_file_is_reported_at_its_argument() {
    let none = Invented::default();
    let server = "ssl:443:privateKey=k.pem:certKey=c.pem:extraCertChain=x.pem:dhParameters=d.pem:clientCAs=a";
    assert_eq!(
        none.said(server),
        [
            "missing-file at privateKey=k.pem: expected a private key in `k.pem`, but there is no such file",
            "missing-file at certKey=c.pem: expected a certificate in `c.pem`, but there is no such file",
            "missing-file at extraCertChain=x.pem: \
             expected the certificates above the one to show in `x.pem`, but there is no such file",
            "missing-file at dhParameters=d.pem: \
             expected Diffie-Hellman parameters in `d.pem`, but there is no such file",
            "missing-file at clientCAs=a: \
             expected certificates to trust in `a`, but there is no such file or directory",
        ]
    );
    assert_eq!(
        none.said("ssl:443"),
        ["missing-file at ssl: expected a private key in `server.pem`, but there is no such file"]
    );
    assert_eq!(
        none.said("tls:/etc/certs:8443"),
        ["missing-file at /etc/certs: \
          expected certificates with their keys in `/etc/certs`, but there is no such file or directory"]
    );
    assert_eq!(
        none.said("tls:h:443:certificate=c.pem:trustRoots=r"),
        [
            "missing-file at certificate=c.pem: expected a private key in `c.pem`, but there is no such file",
            "missing-file at trustRoots=r: \
             expected certificates to trust in `r`, but there is no such file or directory",
        ]
    );
    assert_eq!(
        none.said("unix:/run/app/a.sock:mode=660"),
        ["missing-file at /run/app/a.sock: \
          expected a directory for the socket `/run/app/a.sock`, but there is no `/run/app`"]
    );
    assert_eq!(
        none.said("process:/bin/x"),
        ["missing-file at /bin/x: there is no program `/bin/x`"]
    );
    assert_eq!(
        none.said("process:x:cwd=/srv"),
        ["missing-file at cwd=/srv: \
          expected a directory to run the program in, but there is no `/srv`"]
    );
    let help = |text| none.find(text, &PreflightOptions::default())[0].help.is_some();
    assert!(help("unix:/run/app/a.sock") && !help("unix:/srv/app/a.sock"));
    assert!(help("ssl:443") && !help("ssl:443:privateKey=/k.pem") && !help("process:x"));
}

#[test]
fn unused_files_may_be_missing() {
    let none = Invented::default();
    for text in [
        "tcp:80",
        "unix:a:abstract=1",
        "ssl:h:443:privateKey=k.pem",
        "ssl:443:privateKey=:certKey=",
        "fd:3",
        "stdio:",
        "ssl:443:privateKey=k.pem:nonsense=1",
    ] {
        assert_eq!(none.said(text), [""; 0], "{text}");
    }
    for text in ["unix:/run/a", "tls:h:443"] {
        let client = check(text, Role::Client);
        assert!(
            preflight(&client, &PreflightOptions::default(), &none).findings.is_empty(),
            "{text}"
        );
    }
}

#[test]
fn an_unusable_file_is_reported_once() {
    let machine = Invented::default()
        .with("locked", What::Unreadable("cannot read `locked`".to_owned()))
        .with("broken", What::Unusable("`broken` is damaged".to_owned()));
    assert_eq!(machine.said("ssl:443:locked"), ["unreadable-file at locked: cannot read `locked`"]);
    assert_eq!(machine.said("ssl:443:broken"), ["unusable-file at broken: `broken` is damaged"]);
}

#[test]
fn nested_descriptions_are_checked() {
    let there = Invented::default().with("/", What::There);
    assert_eq!(
        there.said(r"tls:/c\:d:endpoint=unix\:/no\\\:pe/x"),
        [
            r"missing-file at /c\:d: expected certificates with their keys in `/c:d`, but there is no such file or directory",
            r"missing-file at /no\\\:pe/x: expected a directory for the socket `/no:pe/x`, but there is no `/no:pe`",
        ]
    );
    assert_eq!(
        there.said("haproxy:ssl:443:k.pem"),
        ["missing-file at k.pem: expected a private key in `k.pem`, but there is no such file"]
    );
    assert_eq!(there.said(r"tls:h:443:endpoint=process\:x").len(), 1);
    assert_eq!(there.said(r"ssl:endpoint=unix\:/x"), there.said("ssl:443"));
}

#[test]
fn unknown_facts_give_no_finding() {
    let machine = Invented::default().with("c", certificates([certificate("a.test", 1)]));
    let found = |text: &str, unknown: &str, start| {
        let holes = text.match_indices(unknown).map(|(at, it)| Span::new(at, at + it.len()));
        let options =
            PreflightOptions { unknown: holes.collect(), start, ..PreflightOptions::default() };
        machine.find(text, &options).iter().map(|it| it.code).collect::<Vec<_>>()
    };
    let here = |text, unknown| found(text, unknown, Start::Here);
    assert_eq!(here("ssl:443:privateKey=?", "?"), []);
    assert_eq!(here("ssl:1", "1"), [], "it may say which key");
    assert_eq!(here("ssl:1:privateKey=k:certKey=c", "1"), [Code::MissingFile]);
    assert_eq!(here("ssl:443:privateKey=?:certKey=d", "?"), [Code::MissingFile]);
    assert_eq!(here("tls:1:443:trustRoots=c", "1"), []);
    assert_eq!(here("process:x:?", "?"), [], "it may be another `PATH`");
    assert_eq!(here("process:/x:?", "?"), [Code::MissingFile]);
    let nowhere = |text| found(text, "?", Start::Unknown);
    assert_eq!(nowhere("ssl:443:privateKey=k"), []);
    assert_eq!(nowhere("ssl:443:privateKey=/k"), [Code::MissingFile]);
    assert_eq!(nowhere("process:x"), [Code::MissingFile]);
    let below = Start::At("/srv".into());
    let options = PreflightOptions { start: below, ..PreflightOptions::default() };
    assert_eq!(
        machine.find("ssl:443:privateKey=k", &options)[0].message,
        "expected a private key in `/srv/k`, but there is no such file"
    );
}

#[test]
fn a_description_with_errors_has_no_preflight() {
    let machine = Invented::default();
    assert_eq!(machine.codes("ssl:http:privateKey=k.pem"), []);
    assert_eq!(machine.options.get(), 0);
}

/// Checks the two examples on the page of each rule: only the first one has the finding.
#[test]
fn examples_of_rule_pages_are_correct() {
    let open = Others { read: true, write: false };
    let pair = |it: CertificateFacts| {
        What::Pem(Pem { keys: vec![Some(it.public_key.clone())], certificates: vec![it] })
    };
    let server = certificate("example.com", 1);
    let locked = "cannot read `/etc/tls/private/server.pem`: permission denied".to_owned();
    let machine = Invented::default()
        .with("/etc/tls/server.pem", pair(server.clone()))
        .with("/home/web/server.pem", Seen { what: pair(server.clone()), others: open })
        .with("/etc/tls/private/server.pem", What::Unreadable(locked))
        .with("/etc/tls/old.pem", pair(until(900, certificate("example.com", 2))))
        .with("/etc/tls/old.key", keys(&[2]))
        .with("/etc/tls/server.key", keys(&[1]))
        .with("/etc/tls/a.example.com.pem", certificates([certificate("a.example.com", 3)]));
    let only_key = "ssl:443:privateKey=/etc/tls/server.crt";
    for code in Code::ALL.iter().filter(|code| code.needs_machine()) {
        let lines: Vec<_> = code.page().lines().filter_map(|it| it.strip_prefix("    ")).collect();
        let [wrong, right] = lines[..] else { panic!("{code}: {lines:?}") };
        // `Invented` returns the same for every purpose, but this file is only unusable as a key.
        let crt = if wrong == only_key {
            What::Unusable("there is no private key in `/etc/tls/server.crt`".to_owned())
        } else {
            certificates([server.clone()])
        };
        let files = machine.files.clone();
        let options = Cell::default();
        let here = Invented { files, options }.with("/etc/tls/server.crt", crt);
        assert_eq!(here.codes(wrong), [*code], "{wrong}");
        let here = here.with("/etc/tls/server.crt", certificates([server.clone()]));
        assert_eq!(here.codes(right), [], "{right}");
    }
}
