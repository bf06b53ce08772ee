//! Tests of preflights of this machine: files of all kinds, permissions, and certificates.

#![cfg(all(unix, any(feature = "tls", feature = "ring"), feature = "process"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use endpoint_runtime::plan::preflight::{PreflightOptions, preflight};
use endpoint_runtime::{ThisMachine, server_from_string};
use proptest::prelude::*;
use rcgen::date_time_ymd;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use strports_syntax::{Role, check, check_either};

use pki::{Authority, leaf};
use support::{TempDir, skipped};

/// A directory with certificates and keys, and the authority that issued them.
struct Place {
    dir: TempDir,
    authority: Authority,
}

impl Place {
    fn new() -> Self {
        let place = Self { dir: TempDir::new(), authority: Authority::new("root") };
        let issued = place.authority.issue("a.test");
        place.write("root.pem", &place.authority.pem);
        place.write("key.pem", &issued.key);
        place.write("cert.pem", &issued.certificate);
        place.write("both.pem", issued.both());
        place
    }

    /// Writes a file that only its owner may read.
    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.dir.path(name).parent().unwrap()).unwrap();
        fs::write(self.dir.path(name), text).unwrap();
        self.mode(name, 0o600);
    }

    fn mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.dir.path(name), Permissions::from_mode(mode)).unwrap();
    }

    /// The description, with the path of the directory for each `@`.
    fn text(&self, text: &str) -> String {
        text.replace('@', &self.dir.text(""))
    }

    /// The findings for a description, as `code: message`.
    ///
    /// In both texts, `@` stands for the path of the directory.
    fn said(&self, text: &str) -> Vec<String> {
        let directory = self.dir.text("");
        let text = self.text(text);
        let machine = ThisMachine::default();
        let found =
            preflight(&check_either(&text).0, &PreflightOptions::default(), &machine).findings;
        let said =
            |code: &str, message: &str| format!("{code}: {}", message.replace(&directory, "@"));
        found.iter().map(|it| said(it.code.slug(), &it.message)).collect()
    }
}

#[test]
fn correct_files_give_no_finding() {
    let place = Place::new();
    place.mode("both.pem", 0o640);
    place.write("trust/root.pem", &place.authority.pem);
    place.write("trust/readme.txt", "hello");
    for text in [
        "ssl:443:@both.pem",
        "ssl:443:@key.pem:@cert.pem:extraCertChain=@root.pem:clientCAs=@root.pem",
        "ssl:h:443:certKey=@both.pem:caCertsDir=@trust",
        "tls:h:443:trustRoots=@root.pem",
        "tls:@",
        "unix:@app.sock",
        "process:sh:-c:true:cwd=@",
        "process:/bin/sh",
    ] {
        assert_eq!(place.said(text), [""; 0], "{text}");
    }
}

#[test]
fn files_of_the_wrong_kind_are_reported() {
    let place = Place::new();
    place.write("empty.pem", "");
    place.write("text.pem", "hello");
    symlink("nowhere", place.dir.path("dangling.pem")).unwrap();
    fs::create_dir(place.dir.path("certs")).unwrap();
    let said = |key: &str| place.said(&format!("ssl:443:{key}:@cert.pem"));
    assert_eq!(
        said("@empty.pem"),
        ["unusable-file: `@empty.pem` is empty (expected certificates or keys in PEM form)"]
    );
    assert_eq!(
        said("@cert.pem"),
        ["unusable-file: there is no private key in `@cert.pem` (found `CERTIFICATE`)"]
    );
    assert_eq!(
        said("@dangling.pem"),
        ["missing-file: expected a private key in `@dangling.pem`, but there is no such file"]
    );
    assert_eq!(
        said("@cert.pem/key.pem"),
        ["missing-file: expected a private key in `@cert.pem/key.pem`, but there is no such file"]
    );
    assert_eq!(said("@certs"), ["unusable-file: `@certs` is a directory, not a file"]);
    assert_eq!(
        place.said("tls:@certs"),
        ["unusable-file: there is no certificate with its key in `@certs`"]
    );
    assert_eq!(
        place.said("ssl:443:@both.pem:dhParameters=@text.pem"),
        [
            "unusable-file: there are no Diffie-Hellman parameters in `@text.pem` (it contains no PEM block)"
        ]
    );
    assert_eq!(
        place.said("unix:@text.pem"),
        ["unusable-file: `@text.pem` is there already, and is no socket"]
    );
    assert_eq!(place.said("unix:@text.pem/a"), ["unusable-file: `@text.pem` is no directory"]);
    assert_eq!(
        place.said("process:@text.pem"),
        ["unusable-file: cannot run `@text.pem`: permission denied (os error 13)"]
    );
    place.write("login", "user:password");
    let socks5 =
        |file: &str| place.said(&format!(r"socks5:h:80:endpoint=tcp\:p\:1080:credentials=@{file}"));
    assert_eq!(socks5("login"), [""; 0]);
    assert_eq!(
        socks5("absent"),
        [
            "missing-file: expected the credentials for a proxy in `@absent`, but there is no such file"
        ]
    );
    assert_eq!(
        socks5("empty.pem"),
        ["unusable-file: cannot use the credentials in `@empty.pem`: \
             expected one line `user:password`, but found no colon"]
    );
    place.mode("login", 0o640);
    assert_eq!(
        socks5("login"),
        ["unusable-file: cannot use the credentials in `@login`: \
             users other than its owner may read or write it, mode 640 (`chmod go= FILE`)"]
    );
    assert_eq!(
        place.said("process:nonexistent-program"),
        ["missing-file: there is no program `nonexistent-program` in the directories of `PATH`"]
    );
}

#[test]
fn pipes_and_devices_are_not_opened() {
    let place = Place::new();
    mknodat(CWD, place.dir.path("pipe.pem"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    let what = |path: &str| {
        [format!("unusable-file: `{path}` is a device, a pipe or a socket, not a file")]
    };
    // If they were opened like files, a pipe would never answer, and zeros would never end.
    for path in ["@pipe.pem", "/dev/zero", "/dev/null"] {
        assert_eq!(place.said(&format!("ssl:443:{path}")), what(path));
        assert_eq!(place.said(&format!("tls:h:443:trustRoots={path}")), what(path));
    }
    assert_eq!(place.said("ssl:443:@both.pem:clientCAs=@pipe.pem"), what("@pipe.pem"));
    // In a directory, a server skips files that are not regular, so they are no problem.
    assert_eq!(place.said("tls:@"), [""; 0]);
}

#[test]
fn a_file_is_read_up_to_a_limit() {
    let place = Place::new();
    let file = fs::File::create(place.dir.path("long.pem")).unwrap();
    file.set_len(1 << 40).unwrap();
    assert_eq!(
        place.said("ssl:443:@long.pem"),
        [
            "unusable-file: `@long.pem` is longer than 16777216 bytes, the limit for files of certificates"
        ]
    );
}

#[test]
fn preflight_skips_files_that_the_server_skips() {
    let place = Place::new();
    place.write("long.pem", vec![b'\n'; 2 << 20]);
    let said = "`@long.pem` is longer than 1048576 bytes, the limit for files of certificates";
    for text in ["tls:@", "tls:@long.pem"] {
        assert_eq!(place.said(text), [format!("unusable-file: {said}")]);
    }
    let server = server_from_string(&place.text("tls:@long.pem:0:interface=127.0.0.1")).unwrap();
    let refused = smol::block_on(server.listen()).err().unwrap().to_string();
    let directory = place.dir.text("");
    assert!(refused.replace(&directory, "@").ends_with(said), "{refused}");
    // A file that is named as trust roots may contain all authorities of a platform.
    assert_eq!(
        place.said("tls:h:443:trustRoots=@long.pem"),
        ["unusable-file: `@long.pem` is empty (expected certificates or keys in PEM form)"]
    );
}

#[test]
fn a_directory_is_read_up_to_a_limit() {
    let place = Place::new();
    for number in 0..=4096 {
        fs::write(place.dir.path(&format!("{number}.pem")), "").unwrap();
    }
    assert_eq!(
        place.said("tls:@"),
        [
            "unusable-file: there are more than 4096 `.pem` files in `@`, the limit for directories of certificates"
        ]
    );
    // The limit is the size that is read, which is larger for named and trusted files.
    for (count, directory) in [(65, "tls:@"), (5, "tls:h:443:trustRoots=@")] {
        let place = Place::new();
        for number in 0..count {
            let file = fs::File::create(place.dir.path(&format!("{number}.pem"))).unwrap();
            file.set_len(15 << 20).unwrap();
        }
        assert_eq!(
            place.said(directory),
            [
                "unusable-file: there are more than 67108864 bytes in `.pem` files in `@`, the limit for directories of certificates"
            ]
        );
    }
}

#[test]
fn world_readable_keys_are_reported() {
    let place = Place::new();
    fs::set_permissions(place.dir.path(""), Permissions::from_mode(0o755)).unwrap();
    place.mode("key.pem", 0o644);
    place.mode("cert.pem", 0o666);
    let said = place.said("ssl:443:@key.pem:@cert.pem");
    assert_eq!(
        said,
        [
            "key-readable-by-others: every user of this machine may read `@key.pem`, which holds a private key"
        ]
    );
    place.write("closed/key.pem", fs::read(place.dir.path("key.pem")).unwrap());
    place.mode("closed/key.pem", 0o644);
    place.mode("closed", 0o750);
    symlink("closed/key.pem", place.dir.path("link.pem")).unwrap();
    for key in ["@closed/key.pem", "@link.pem"] {
        assert_eq!(
            place.said(&format!("ssl:443:{key}:@cert.pem")),
            [""; 0],
            "the directory is private"
        );
    }
}

#[test]
fn an_unreadable_file_does_not_panic() {
    let place = Place::new();
    if rustix::process::geteuid().is_root() {
        skipped("nothing is kept from root");
        return;
    }
    place.mode("key.pem", 0o000);
    assert_eq!(
        place.said("ssl:443:@key.pem:@cert.pem"),
        ["unreadable-file: cannot read `@key.pem`: permission denied (os error 13)"]
    );
}

#[test]
fn certificates_are_checked() {
    let place = Place::new();
    let mut params = leaf("b.test");
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 2, 3));
    let old = place.authority.issue_as(&params);
    place.write("old.pem", old.both());
    params = leaf("c.test");
    params.subject_alt_names.clear();
    place.write("nobody.pem", place.authority.issue_as(&params).both());
    assert_eq!(
        place.said("ssl:443:@old.pem"),
        [
            "certificate-expired: the certificate `CN=b.test` in `@old.pem` expired on 2021-02-03 00:00:00 UTC"
        ]
    );
    assert_eq!(
        place.said("ssl:443:@old.pem:@cert.pem"),
        [
            "key-does-not-match-certificate: the private key in `@old.pem` does not belong to the certificate \
          `CN=a.test` in `@cert.pem`"
        ]
    );
    assert_eq!(
        place.said("tls:b.test:443:trustRoots=@cert.pem"),
        [
            "certificate-name-mismatch: the certificates in `@cert.pem` are for `a.test`, but the client verifies `b.test`"
        ]
    );
    assert_eq!(place.said("tls:b.test:443:trustRoots=@root.pem"), [""; 0]);
    assert_eq!(
        place.said("ssl:443:@nobody.pem"),
        [
            "certificate-name-mismatch: the certificate `CN=c.test` in `@nobody.pem` is for no name and no \
          address, so no client can verify it"
        ]
    );
    fs::create_dir(place.dir.path("below")).unwrap();
    symlink("..", place.dir.path("below/up")).unwrap();
    assert_eq!(place.said("tls:@").len(), 2, "each once, whichever way leads to it");
}

#[test]
fn files_are_read_once() {
    let place = Place::new();
    let machine = ThisMachine::default();
    let text = place.dir.text("both.pem");
    let text = format!("ssl:443:{text}");
    let report = check(&text, Role::Server);
    let look = || preflight(&report, &PreflightOptions::default(), &machine).findings;
    assert_eq!(look(), []);
    fs::remove_file(place.dir.path("both.pem")).unwrap();
    assert_eq!(look(), []);
}

/// Contents of files: random bytes, PEM with a changed byte, and random lines of PEM.
fn almost_pem() -> impl Strategy<Value = Vec<u8>> {
    let issued = Authority::new("root").issue("a.test").both().into_bytes();
    let changed = (any::<prop::sample::Index>(), any::<u8>()).prop_map(move |(at, byte)| {
        let mut text = issued.clone();
        let at = at.index(text.len());
        text[at] = byte;
        text
    });
    let lines = prop::collection::vec(
        prop_oneof![
            Just("-----BEGIN CERTIFICATE-----"),
            Just("-----END CERTIFICATE-----"),
            Just("-----BEGIN PRIVATE KEY-----"),
            Just("-----END PRIVATE KEY-----"),
            Just("-----BEGIN DH PARAMETERS-----"),
            Just("MAoGCCqGSM49BAMC"),
            Just("MIIB"),
        ],
        0..8,
    );
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        changed,
        lines.prop_map(|lines| lines.join("\n").into_bytes()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_file_makes_it_panic(text in almost_pem()) {
        let place = Place::new();
        place.write("d/any.pem", &text);
        for text in [
            "ssl:443:@d/any.pem",
            "ssl:443:@key.pem:@d/any.pem:extraCertChain=@d/any.pem:dhParameters=@d/any.pem",
            "ssl:443:@d/any.pem:@cert.pem:clientCAs=@d",
            "tls:@d",
            "tls:h:443:trustRoots=@d/any.pem",
        ] {
            for said in place.said(text) {
                // A message names the file, but never shows its content.
                prop_assert!(!said.contains("MAoGCCqGSM49BAMC") && said.contains('@'), "{said}");
            }
        }
        prop_assert!(Path::new(&place.dir.text("d/any.pem")).exists());
    }
}
