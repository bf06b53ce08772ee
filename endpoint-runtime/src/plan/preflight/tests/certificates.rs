//! Tests of findings on certificates and keys.

use super::*;

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
fn the_expiry_warning_depends_on_the_lifetime_by_default() {
    let mut brief = until(1003, certificate("a.test", 1));
    brief.not_before = Duration::from_secs(997 * DAY);
    let machine = Invented::default().with_pair("server.pem", brief.clone());
    assert_eq!(machine.said("ssl:443"), [""; 0], "half of six days are left");
    let within = |days| PreflightOptions {
        expires_within: Some(Duration::from_secs(days * DAY)),
        ..PreflightOptions::default()
    };
    assert_eq!(machine.find("ssl:443", &within(4)).len(), 1);
    assert_eq!(machine.find("ssl:443", &within(3)).len(), 0);
    brief.not_before = Duration::from_secs(996 * DAY);
    let machine = Invented::default().with_pair("server.pem", until(1001, brief));
    assert_eq!(machine.codes("ssl:443"), [Code::CertificateExpired], "a day of five is left");
    assert_eq!(machine.find("ssl:443", &within(0)).len(), 0);
}

#[test]
fn intermediates_expire_too() {
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
fn keys_must_be_private() {
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
fn a_certificate_needs_a_name_or_address() {
    let nobody = CertificateFacts { dns_names: Vec::new(), ..certificate("a.test", 1) };
    let machine = Invented::default().with_pair("server.pem", nobody.clone());
    assert_eq!(
        machine.said("ssl:443"),
        [
            "certificate-name-mismatch at ssl: the certificate `CN=a.test` in `server.pem` is for no name \
          and no address, so no client can verify it"
        ]
    );
    assert_eq!(
        machine.said("ssl:h:443:certKey=server.pem"),
        [""; 0],
        "servers do not verify clients"
    );
    let uri = CertificateFacts { other_names: true, ..nobody };
    let machine = Invented::default().with_pair("server.pem", uri);
    assert_eq!(machine.said("ssl:443"), [""; 0]);
}

#[test]
fn a_self_signed_certificate_is_verified_by_its_name() {
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
          the certificates in `own` are for `a.test`, but the client verifies `b.test`"]
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
fn the_files_of_a_directory_count_as_one_set() {
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
fn the_certificates_of_a_server_are_known_where_they_are_read() {
    let pair = |it: &CertificateFacts| {
        let it = it.clone();
        What::Pem(Pem { keys: vec![Some(it.public_key.clone())], certificates: vec![it] })
    };
    let (a, b) = (certificate("a.test", 1), certificate("b.test", 2));
    let files = vec![("d/a.pem".into(), pair(&a).into()), ("d/b.pem".into(), pair(&b).into())];
    let machine =
        Invented::default().with("server.pem", pair(&a)).with("d", What::Directory(files));
    let shown = |text| {
        preflight(&check(text, Role::Server), &PreflightOptions::default(), &machine).presented
    };
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
