//! What is said of machines that are invented.

use std::cell::Cell;
use std::collections::HashMap;

use strports_syntax::{Role, check, check_either};

use super::super::ProcessSpawn;
use super::*;

const NOW: u64 = 1000 * DAY;

/// A machine with these files, on the thousandth day.
#[derive(Default)]
struct Invented {
    files: HashMap<PathBuf, Arc<Seen>>,
    asked: Cell<usize>,
}

impl Machine for Invented {
    fn now(&self) -> Duration {
        Duration::from_secs(NOW)
    }

    fn look(&self, path: &Path, purpose: Purpose) -> Arc<Seen> {
        self.asked.set(self.asked.get() + 1);
        let path = if purpose == Purpose::NewSocket { path.parent().unwrap() } else { path };
        self.files.get(path).cloned().unwrap_or_else(|| Arc::new(What::Missing.into()))
    }

    fn program(&self, spawn: &ProcessSpawn) -> What {
        let found = self.files.contains_key(&spawn.executable);
        if found { What::There } else { What::Missing }
    }
}

impl Invented {
    fn with(mut self, path: &str, seen: impl Into<Seen>) -> Self {
        self.files.insert(path.into(), Arc::new(seen.into()));
        self
    }

    /// A key and a certificate of its own in one file.
    fn with_pair(self, path: &str, certificate: CertificateFacts) -> Self {
        let keys = vec![Some(certificate.public_key.clone())];
        self.with(path, What::Pem(Pem { certificates: vec![certificate], keys }))
    }

    fn find(&self, text: &str, asked: &Asked) -> Vec<Diagnostic> {
        preflight(&check_either(text).0, asked, self).findings
    }

    /// The findings as `code at what: message`.
    fn said(&self, text: &str) -> Vec<String> {
        let said = |it: Diagnostic| {
            format!("{} at {}: {}", it.code, &text[it.span.start..it.span.end], it.message)
        };
        self.find(text, &Asked::default()).into_iter().map(said).collect()
    }

    fn codes(&self, text: &str) -> Vec<Code> {
        self.find(text, &Asked::default()).into_iter().map(|it| it.code).collect()
    }
}

/// Valid from the first day for two thousand, with the key number `key`.
fn certificate(name: &str, key: u8) -> CertificateFacts {
    CertificateFacts {
        subject: format!("CN={name}"),
        issuer: "CN=root".to_owned(),
        dns_names: vec![name.to_owned()],
        not_after: Duration::from_secs(2000 * DAY),
        public_key: vec![key],
        ..CertificateFacts::default()
    }
}

fn root() -> CertificateFacts {
    let signs_others = true;
    let it = CertificateFacts { dns_names: Vec::new(), signs_others, ..certificate("root", 0) };
    CertificateFacts { issuer: "CN=root".to_owned(), subject: "CN=root".to_owned(), ..it }
}

fn until(days: u64, mut it: CertificateFacts) -> CertificateFacts {
    it.not_after = Duration::from_secs(days * DAY);
    it
}

fn certificates(all: impl Into<Vec<CertificateFacts>>) -> What {
    What::Pem(Pem { certificates: all.into(), keys: Vec::new() })
}

fn keys(all: &[u8]) -> What {
    let keys = all.iter().map(|key| Some(vec![*key])).collect();
    What::Pem(Pem { certificates: Vec::new(), keys })
}

#[test]
fn what_is_missing_is_said_at_the_argument_that_names_it() {
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
    let help = |text| none.find(text, &Asked::default())[0].help.is_some();
    assert!(help("unix:/run/app/a.sock") && !help("unix:/srv/app/a.sock"));
    assert!(help("ssl:443") && !help("ssl:443:privateKey=/k.pem") && !help("process:x"));
}

#[test]
fn what_nobody_reads_may_be_missing() {
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
        assert!(preflight(&client, &Asked::default(), &none).findings.is_empty(), "{text}");
    }
}

#[test]
fn descriptions_inside_others_are_looked_at() {
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
fn a_key_belongs_to_a_certificate() {
    let machine = Invented::default()
        .with("k", keys(&[7, 1]))
        .with("c", certificates([root(), certificate("a.test", 1)]))
        .with("other", keys(&[2]))
        .with("unknown", What::Pem(Pem { keys: vec![None], ..Pem::default() }));
    let said = |key: &str| machine.said(&format!("ssl:443:{key}:c"));
    assert_eq!(said("k"), [""; 0]);
    assert_eq!(said("unknown"), [""; 0]);
    assert_eq!(
        said("other"),
        ["key-does-not-match-certificate at other: \
          the private key in `other` does not belong to the certificate `CN=root` in `c`"]
    );
    assert_eq!(
        machine.codes("tls:h:443:certificate=c:privateKey=other"),
        [Code::KeyDoesNotMatchCertificate]
    );
}

#[test]
fn certificates_expire() {
    let machine =
        |days| Invented::default().with_pair("server.pem", until(days, certificate("a.test", 1)));
    let said = |days| machine(days).said("ssl:443");
    let day = |text: &str| {
        vec![format!(
            "certificate-expired at ssl: the certificate `CN=a.test` in `server.pem` {text}"
        )]
    };
    assert_eq!(said(999), day("expired on 1972-09-26 00:00:00 UTC"));
    assert_eq!(said(1000), day("expires in less than a day, on 1972-09-27 00:00:00 UTC"));
    assert_eq!(said(1001), day("expires in 1 day, on 1972-09-28 00:00:00 UTC"));
    assert_eq!(said(1013), day("expires in 13 days, on 1972-10-10 00:00:00 UTC"));
    assert_eq!(said(1014), [""; 0]);
    let mut early = certificate("a.test", 1);
    early.not_before = Duration::from_secs(1001 * DAY);
    let early = Invented::default().with_pair("server.pem", early).said("ssl:443");
    assert_eq!(early, day("is not valid before 1972-09-28 00:00:00 UTC"));
}

#[test]
fn soon_depends_on_how_long_a_certificate_is_valid_unless_it_is_said() {
    let mut brief = until(1003, certificate("a.test", 1));
    brief.not_before = Duration::from_secs(997 * DAY);
    let machine = Invented::default().with_pair("server.pem", brief.clone());
    assert_eq!(machine.said("ssl:443"), [""; 0], "half of six days are left");
    let within =
        |days| Asked { expires_within: Some(Duration::from_secs(days * DAY)), ..Asked::default() };
    assert_eq!(machine.find("ssl:443", &within(4)).len(), 1);
    assert_eq!(machine.find("ssl:443", &within(3)).len(), 0);
    brief.not_before = Duration::from_secs(996 * DAY);
    let machine = Invented::default().with_pair("server.pem", until(1001, brief));
    assert_eq!(machine.codes("ssl:443"), [Code::CertificateExpired], "a day of five is left");
    assert_eq!(machine.find("ssl:443", &within(0)).len(), 0);
}

#[test]
fn what_is_sent_with_a_certificate_expires_too() {
    let mut middle = until(900, certificate("middle", 3));
    middle.dns_names.clear();
    let mut leaf = certificate("a.test", 1);
    leaf.issuer = "CN=middle".to_owned();
    let unrelated = until(900, certificate("b.test", 9));
    let machine = Invented::default().with_pair("server.pem", leaf);
    let all = [unrelated, middle.clone(), until(900, root())];
    let machine = machine.with("x", certificates(all));
    assert_eq!(
        machine.said("ssl:443:extraCertChain=x"),
        ["certificate-expired at extraCertChain=x: \
          the certificate `CN=middle` in `x` expired on 1972-06-19 00:00:00 UTC"]
    );
}

#[test]
fn keys_are_for_their_owner() {
    let may = |read, write, what| Seen { what, others: Others { read, write } };
    let pair =
        What::Pem(Pem { keys: vec![Some(vec![1])], certificates: vec![certificate("a.test", 1)] });
    let machine = Invented::default()
        .with("server.pem", may(true, false, pair.clone()))
        .with("k", may(true, true, keys(&[1])))
        .with("locked", may(true, false, What::Unreadable("cannot read `locked`".to_owned())))
        .with("c", may(true, false, certificates([certificate("a.test", 1)])))
        .with("certs", What::Directory(vec![("certs/a.pem".into(), may(false, true, pair))]));
    assert_eq!(
        machine.said("ssl:443"),
        ["key-readable-by-others at ssl: \
          every user of this machine may read `server.pem`, which holds a private key"]
    );
    assert_eq!(
        machine.said("ssl:443:k:c"),
        ["key-readable-by-others at k: \
          every user of this machine may read and write to `k`, which holds a private key"]
    );
    assert_eq!(
        machine.codes("ssl:443:locked:c"),
        [Code::UnreadableFile, Code::KeyReadableByOthers],
        "permissions are known of what may not be read"
    );
    assert_eq!(machine.codes("ssl:443:k:server.pem"), [Code::KeyReadableByOthers; 2]);
    assert_eq!(
        machine.said("tls:certs"),
        ["key-readable-by-others at certs: \
          every user of this machine may write to `certs/a.pem`, which holds a private key"]
    );
}

#[test]
fn what_cannot_be_read_or_used_is_said_once() {
    let machine = Invented::default()
        .with("locked", What::Unreadable("cannot read `locked`".to_owned()))
        .with("broken", What::Unusable("`broken` is damaged".to_owned()));
    assert_eq!(machine.said("ssl:443:locked"), ["unreadable-file at locked: cannot read `locked`"]);
    assert_eq!(machine.said("ssl:443:broken"), ["unusable-file at broken: `broken` is damaged"]);
}

#[test]
fn a_certificate_is_for_somebody() {
    let nobody = CertificateFacts { dns_names: Vec::new(), ..certificate("a.test", 1) };
    let machine = Invented::default().with_pair("server.pem", nobody.clone());
    assert_eq!(
        machine.said("ssl:443"),
        [
            "certificate-name-mismatch at ssl: the certificate `CN=a.test` in `server.pem` is for no name \
          and no address, so no client can verify it"
        ]
    );
    assert_eq!(machine.said("ssl:h:443:certKey=server.pem"), [""; 0], "nobody asks a client");
    let uri = CertificateFacts { other_names: true, ..nobody };
    let machine = Invented::default().with_pair("server.pem", uri);
    assert_eq!(machine.said("ssl:443"), [""; 0]);
}

#[test]
fn who_stands_for_itself_alone_is_verified_by_its_own_name() {
    let machine = Invented::default()
        .with("own", certificates([certificate("a.test", 1)]))
        .with("both", certificates([certificate("a.test", 1), root()]))
        .with("ca", certificates([root()]))
        .with(
            "named-ca",
            certificates([CertificateFacts { signs_others: true, ..certificate("x", 1) }]),
        )
        .with("old", certificates([until(10, root()), until(20, root())]));
    let client =
        |host: &str, roots: &str| machine.said(&format!("tls:{host}:443:trustRoots={roots}"));
    assert_eq!(client("A.test", "own"), [""; 0]);
    assert_eq!(
        client("b.test", "own"),
        ["certificate-name-mismatch at trustRoots=own: \
          what is trusted in `own` is for `a.test`, but `b.test` is verified"]
    );
    for roots in ["both", "ca", "named-ca"] {
        assert_eq!(client("b.test", roots), [""; 0], "{roots} may have issued it");
    }
    assert_eq!(machine.said("ssl:b.test:443:hostname=a.test:caCertsDir=own"), [""; 0]);
    assert_eq!(machine.codes("ssl:a.test:443:hostname=b.test:caCertsDir=own").len(), 1);
    assert_eq!(
        client("a.test", "old"),
        ["certificate-expired at trustRoots=old: \
          the certificate `CN=root` in `old` expired on 1970-01-21 00:00:00 UTC"]
    );
}

#[test]
fn the_files_of_a_directory_are_one() {
    let directory = |files: Vec<(&str, What)>| {
        let files = files.into_iter().map(|(name, what)| (name.into(), what.into())).collect();
        Invented::default().with("d", What::Directory(files))
    };
    let (a, b) = (certificate("a.test", 1), certificate("b.test", 2));
    let apart = directory(vec![
        ("d/a.crt.pem", certificates([a.clone(), root()])),
        ("d/a.key.pem", keys(&[1])),
    ]);
    assert_eq!(apart.said("tls:d"), [""; 0]);
    let stray = directory(vec![
        ("d/a.pem", What::Pem(Pem { certificates: vec![a.clone()], keys: vec![Some(vec![1])] })),
        ("d/b.pem", keys(&[2])),
        ("d/c.pem", What::Unusable("`d/c.pem` is damaged".to_owned())),
    ]);
    assert_eq!(
        stray.said("tls:d"),
        [
            "unusable-file at d: `d/c.pem` is damaged",
            "key-does-not-match-certificate at d: the private key in `d/b.pem` belongs to no certificate in `d`",
        ]
    );
    assert_eq!(
        directory(Vec::new()).said("tls:d"),
        ["unusable-file at d: there is no certificate with its key in `d`"]
    );
    assert_eq!(
        directory(Vec::new()).said("tls:h:1:trustRoots=d"),
        ["unusable-file at trustRoots=d: there is no authority to trust in `d`"]
    );
    let renewed = directory(vec![
        ("d/new.pem", certificates([a.clone(), until(900, b)])),
        ("d/old.pem", certificates([until(900, a)])),
        ("d/keys.pem", keys(&[1, 2])),
    ]);
    assert_eq!(
        renewed.said("tls:d"),
        ["certificate-expired at d: \
          the certificate `CN=b.test` in `d/new.pem` expired on 1972-06-19 00:00:00 UTC"]
    );
}

#[test]
fn of_what_is_unknown_nothing_is_said() {
    let machine = Invented::default().with("c", certificates([certificate("a.test", 1)]));
    let found = |text: &str, unknown: &str, start| {
        let holes = text.match_indices(unknown).map(|(at, it)| Span::new(at, at + it.len()));
        let asked = Asked { unknown: holes.collect(), start, ..Asked::default() };
        machine.find(text, &asked).iter().map(|it| it.code).collect::<Vec<_>>()
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
    let asked = Asked { start: below, ..Asked::default() };
    assert_eq!(
        machine.find("ssl:443:privateKey=k", &asked)[0].message,
        "expected a private key in `/srv/k`, but there is no such file"
    );
}

#[test]
fn the_certificates_of_a_server_are_known_where_they_are_read() {
    let pair = |it: &CertificateFacts| {
        let it = it.clone();
        What::Pem(Pem { keys: vec![Some(it.public_key.clone())], certificates: vec![it] })
    };
    let (a, b) = (certificate("a.test", 1), certificate("b.test", 2));
    let files = vec![("d/a.pem".into(), pair(&a).into()), ("d/b.pem".into(), pair(&b).into())];
    let machine =
        Invented::default().with("server.pem", pair(&a)).with("d", What::Directory(files));
    let shown = |text| preflight(&check(text, Role::Server), &Asked::default(), &machine).shown;
    assert_eq!(shown("ssl:443"), Some(vec![a.clone()]));
    assert_eq!(shown("tls:d"), Some(vec![a.clone(), b]));
    assert_eq!(
        shown(r"ssl:privateKey=k:endpoint=ssl\:443"),
        Some(vec![a]),
        "those next to the transport"
    );
    assert_eq!(shown("tls:no"), None);
    assert_eq!(shown("tcp:1"), None);
}

/// The examples of the pages: the first is found, what to write instead is not.
#[test]
fn the_pages_are_true() {
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
        // A certificate alone is no private key; here the machine answers for one purpose at a time.
        let crt = if wrong == only_key {
            What::Unusable("there is no private key in `/etc/tls/server.crt`".to_owned())
        } else {
            certificates([server.clone()])
        };
        let files = machine.files.clone();
        let asked = Cell::default();
        let here = Invented { files, asked }.with("/etc/tls/server.crt", crt);
        assert_eq!(here.codes(wrong), [*code], "{wrong}");
        let here = here.with("/etc/tls/server.crt", certificates([server.clone()]));
        assert_eq!(here.codes(right), [], "{right}");
    }
}

#[test]
fn a_description_with_errors_asks_for_nothing() {
    let machine = Invented::default();
    assert_eq!(machine.codes("ssl:http:privateKey=k.pem"), []);
    assert_eq!(machine.asked.get(), 0);
}
