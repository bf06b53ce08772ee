//! Tests of certificates and trust roots that change while a server or a client uses them.

#![cfg(any(feature = "tls", feature = "ring"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use std::fs::{self, File};
use std::future::Future;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use endpoint_runtime::proto::retry::RetryPolicy;
use endpoint_runtime::{Client, Listener, client_from_string};
use smol::future::{or, zip};

use pki::{Authority, Issued};
use support::{TempDir, child, is_child, listen, open_reactors, watchers};

/// How long a test waits until changed files are used: two seconds, and more for busy machines.
const DEADLINE: Duration = Duration::from_secs(20);

/// The certificates of a server in the directory `certs`, and the authority that issues them.
struct Scene {
    dir: TempDir,
    authority: Authority,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { dir: TempDir::new(), authority: Authority::new("root") };
        fs::write(scene.dir.path("root"), &scene.authority.pem).unwrap();
        fs::create_dir(scene.dir.path("certs")).unwrap();
        scene
    }

    /// Writes a certificate with its key in place, into a file that may exist.
    fn put(&self, name: &str, issued: &Issued) {
        fs::write(self.dir.path("certs").join(name), issued.both()).unwrap();
    }

    /// Replaces a file by writing another one and renaming it.
    fn swap(&self, name: &str, issued: &Issued) {
        fs::write(self.dir.path("new"), issued.both()).unwrap();
        fs::rename(self.dir.path("new"), self.dir.path("certs").join(name)).unwrap();
    }

    fn listen(&self) -> Listener {
        listen(&format!("tls:{}:0:interface=127.0.0.1", self.dir.text("certs")))
    }

    /// A new client that requests this name.
    ///
    /// Its session cache is empty, so that the first handshake presents certificates.
    fn client(&self, listener: &Listener, name: &str) -> Client {
        let (root, port) = (self.dir.text("root"), listener.local_address().port().unwrap());
        let over = format!(r"endpoint=tcp\:127.0.0.1\:{port}");
        client_from_string(&format!("tls:{name}:443:trustRoots={root}:{over}")).unwrap()
    }

    /// The certificate that the server presents for a name, in DER.
    ///
    /// `None` if the client rejects it, because it is not for that name.
    #[track_caller]
    fn seen(&self, listener: &mut Listener, name: &str) -> Option<Vec<u8>> {
        let client = self.client(listener, name);
        let connecting = async { Some(client.connect().await) };
        let serving = async {
            loop {
                listener.accept().await.unwrap();
            }
        };
        let connection = smol::block_on(or(connecting, serving)).unwrap().ok()?;
        connection.tls().unwrap().peer_certificates().next().map(<[u8]>::to_vec)
    }

    /// Connects until the server presents this certificate for a name, or none that is for it.
    #[track_caller]
    fn see(&self, listener: &mut Listener, name: &str, issued: Option<&Issued>) {
        let wanted = issued.map(der);
        let start = Instant::now();
        while self.seen(listener, name) != wanted {
            assert!(start.elapsed() < DEADLINE, "`{name}` is not shown");
        }
    }
}

fn der(issued: &Issued) -> Vec<u8> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap().to_vec()
}

#[test]
fn new_files_in_a_directory_are_used_soon() {
    let scene = Scene::new();
    let issued: Vec<_> = (0..4).map(|_| scene.authority.issue("a.test")).collect();
    scene.put("a.pem", &issued[0]);
    let mut listener = scene.listen();
    scene.see(&mut listener, "a.test", Some(&issued[0]));
    scene.put("a.pem", &issued[1]);
    scene.see(&mut listener, "a.test", Some(&issued[1]));
    scene.swap("a.pem", &issued[2]);
    scene.see(&mut listener, "a.test", Some(&issued[2]));
    let new = scene.authority.issue("b.test");
    fs::create_dir_all(scene.dir.path("certs/x/y")).unwrap();
    scene.put("x/y/b.pem", &new);
    scene.see(&mut listener, "b.test", Some(&new));
    fs::remove_dir_all(scene.dir.path("certs/x")).unwrap();
    scene.see(&mut listener, "b.test", None);
    // The whole directory may be replaced by renaming another one.
    fs::create_dir(scene.dir.path("others")).unwrap();
    fs::write(scene.dir.path("others/a.pem"), issued[3].both()).unwrap();
    fs::rename(scene.dir.path("certs"), scene.dir.path("old")).unwrap();
    fs::rename(scene.dir.path("others"), scene.dir.path("certs")).unwrap();
    scene.see(&mut listener, "a.test", Some(&issued[3]));
}

#[test]
fn the_files_of_an_ssl_server_are_read_again_too() {
    let scene = Scene::new();
    let middle = scene.authority.below("middle");
    let (old, new) = (scene.authority.issue("a.test"), middle.issue("a.test"));
    let write = |name: &str, text: &str| {
        fs::write(scene.dir.path(name), text).unwrap();
        scene.dir.text(name)
    };
    let (key, cert) = (write("key", &old.key), write("cert", &old.certificate));
    let chain = write("chain", &scene.authority.pem);
    let files = format!("privateKey={key}:certKey={cert}:extraCertChain={chain}");
    let mut listener = listen(&format!("ssl:0:interface=127.0.0.1:{files}"));
    scene.see(&mut listener, "a.test", Some(&old));
    // Key and certificate do not match until both are written. Until then, the old ones are used.
    let reloader = listener.reloader();
    write("chain", &middle.pem);
    write("key", &new.key);
    let outcome = smol::block_on(reloader.reload());
    assert_eq!((outcome.certificates, outcome.has_changed), (1, false));
    assert_eq!(
        outcome.problems[0].to_string(),
        format!(
            "the private key in `{key}` does not belong to the certificate `CN=a.test` in `{cert}`"
        )
    );
    assert_eq!(scene.seen(&mut listener, "a.test"), Some(der(&old)));
    write("cert", &new.certificate);
    scene.see(&mut listener, "a.test", Some(&new));
}

#[test]
fn links_may_change_instead_of_files() {
    let scene = Scene::new();
    let issued: Vec<_> = (0..4).map(|_| scene.authority.issue("a.test")).collect();
    let link = |target: &str, name: &str| {
        symlink(target, scene.dir.path("link")).unwrap();
        fs::rename(scene.dir.path("link"), scene.dir.path("certs").join(name)).unwrap();
    };
    // As in Kubernetes: the link `..data` changes, and leads to a directory that never changes.
    for (version, issued) in issued[..2].iter().enumerate() {
        fs::create_dir(scene.dir.path("certs").join(format!("..{version}"))).unwrap();
        scene.put(&format!("..{version}/a.pem"), issued);
    }
    link("..0", "..data");
    link("..data/a.pem", "a.pem");
    let mut listener = scene.listen();
    let file = scene.dir.text("certs/a.pem");
    let mut ssl = listen(&format!("ssl:0:privateKey={file}:interface=127.0.0.1"));
    // This server reads the directory through a link.
    symlink("certs", scene.dir.path("alias")).unwrap();
    let mut alias = listen(&format!("tls:{}:0:interface=127.0.0.1", scene.dir.text("alias")));
    scene.see(&mut listener, "a.test", Some(&issued[0]));
    link("..1", "..data");
    fs::remove_dir_all(scene.dir.path("certs/..0")).unwrap();
    scene.see(&mut listener, "a.test", Some(&issued[1]));
    scene.see(&mut ssl, "a.test", Some(&issued[1]));
    scene.see(&mut alias, "a.test", Some(&issued[1]));
    // As with certbot: the link leads to another file in another directory after each renewal.
    fs::create_dir(scene.dir.path("archive")).unwrap();
    fs::write(scene.dir.path("archive/a2"), issued[2].both()).unwrap();
    link("../archive/a2", "a.pem");
    scene.see(&mut listener, "a.test", Some(&issued[2]));
    scene.see(&mut ssl, "a.test", Some(&issued[2]));
    // Writing to the target of the link is noticed too.
    fs::write(scene.dir.path("archive/a2"), issued[3].both()).unwrap();
    scene.see(&mut listener, "a.test", Some(&issued[3]));
    scene.see(&mut ssl, "a.test", Some(&issued[3]));
    scene.see(&mut alias, "a.test", Some(&issued[3]));
    fs::remove_file(scene.dir.path("alias")).unwrap();
    fs::create_dir(scene.dir.path("alias")).unwrap();
    fs::write(scene.dir.path("alias/a.pem"), issued[0].both()).unwrap();
    scene.see(&mut alias, "a.test", Some(&issued[0]));
}

#[test]
fn an_incomplete_file_replaces_nothing() {
    let scene = Scene::new();
    let middle = scene.authority.below("middle");
    let (old, new) = (scene.authority.issue("a.test"), middle.issue("a.test"));
    scene.put("a.pem", &old);
    let mut listener = scene.listen();
    let file = scene.dir.text("certs/a.pem");
    let mut ssl = listen(&format!("ssl:0:privateKey={file}:interface=127.0.0.1"));
    // The new file has a certificate with its key, but lacks the intermediate certificate.
    let mut file = File::create(scene.dir.path("certs/a.pem")).unwrap();
    file.write_all(new.both().as_bytes()).unwrap();
    // Once this second certificate is presented, the directory was read after the change.
    let other = scene.authority.issue("b.test");
    scene.swap("b.pem", &other);
    scene.see(&mut listener, "b.test", Some(&other));
    assert_eq!(scene.seen(&mut listener, "a.test"), Some(der(&old)));
    assert_eq!(scene.seen(&mut ssl, "a.test"), Some(der(&old)));
    file.write_all(middle.pem.as_bytes()).unwrap();
    drop(file);
    scene.see(&mut listener, "a.test", Some(&new));
    scene.see(&mut ssl, "a.test", Some(&new));
}

#[test]
fn broken_or_missing_files_keep_the_previous_certificates() {
    let scene = Scene::new();
    let (a, b) = (scene.authority.issue("a.test"), scene.authority.issue("b.test"));
    scene.put("a.pem", &a);
    scene.put("b.pem", &b);
    let mut listener = scene.listen();
    let reloader = listener.reloader();
    let path = scene.dir.path("certs/a.pem");
    let reload = |text: &str| {
        fs::write(&path, text).unwrap();
        smol::block_on(reloader.reload())
    };
    let (key, cut) = (&scene.authority.issue("a.test").key, a.both().replace("-----END", "----"));
    for text in ["", key, &a.certificate, &cut] {
        let outcome = reload(text);
        assert_eq!(outcome.certificates, 2);
        assert!(!outcome.problems.is_empty());
        assert_eq!(scene.seen(&mut listener, "a.test"), Some(der(&a)), "{text}");
        assert_eq!(scene.seen(&mut listener, "b.test"), Some(der(&b)));
    }
    assert!(reload(&a.both()).problems.is_empty());
    fs::remove_file(&path).unwrap();
    let outcome = smol::block_on(reloader.reload());
    assert!(outcome.has_changed && outcome.problems.is_empty());
    assert_eq!(outcome.certificates, 1);
    assert_eq!(scene.seen(&mut listener, "a.test"), None, "a removed certificate is not presented");
    fs::remove_dir_all(scene.dir.path("certs")).unwrap();
    let outcome = smol::block_on(reloader.reload());
    assert_eq!(outcome.problems.len(), 1);
    assert_eq!(scene.seen(&mut listener, "b.test"), Some(der(&b)), "but not everything");
    fs::create_dir(scene.dir.path("certs")).unwrap();
    scene.put("a.pem", &a);
    scene.see(&mut listener, "a.test", Some(&a));
}

#[test]
fn no_handshake_fails_while_certificates_are_renewed() {
    const SWAPS: usize = 300;
    let scene = Scene::new();
    let issued: Vec<_> = (0..4).map(|_| scene.authority.issue("a.test")).collect();
    scene.put("a.pem", &issued[0]);
    let mut listener = scene.listen();
    let clients: Vec<_> = (0..2).map(|_| scene.client(&listener, "a.test")).collect();
    let done = AtomicBool::new(false);
    let connects = std::thread::scope(|scope| {
        scope.spawn(|| {
            for swap in 0..SWAPS {
                let issued = &issued[swap % issued.len()];
                // Replaces every second one in place, with the key in a separate file.
                if swap % 2 == 0 {
                    scene.swap("a.pem", issued);
                } else {
                    fs::write(scene.dir.path("certs/a.pem"), &issued.certificate).unwrap();
                    fs::write(scene.dir.path("certs/key.pem"), &issued.key).unwrap();
                }
                // Without a pause, the changes would count as one.
                std::thread::sleep(Duration::from_millis(5));
            }
            done.store(true, Ordering::Relaxed);
        });
        let connecting = |client: Client| {
            let done = &done;
            async move {
                let mut count = 0;
                while !done.load(Ordering::Relaxed) {
                    client.connect().await.unwrap();
                    count += 1;
                }
                count
            }
        };
        let [one, other] = [&clients[0], &clients[1]].map(|client| connecting(client.clone()));
        let both = async {
            let (one, other) = zip(one, other).await;
            one + other
        };
        let serving = async {
            loop {
                listener.accept().await.unwrap();
            }
        };
        smol::block_on(or(both, serving))
    });
    assert!(connects > 0);
    scene.see(&mut listener, "a.test", Some(&issued[(SWAPS - 1) % issued.len()]));
}

#[test]
fn a_dropped_watch_leaves_nothing() {
    if !is_child() {
        let mut child = child("a_dropped_watch_leaves_nothing", ":");
        assert!(child.status().unwrap().success());
        return;
    }
    let descriptors = || fs::read_dir("/proc/self/fd").unwrap().count();
    let wait_for = |count| {
        let start = Instant::now();
        while watchers() != count {
            assert!(start.elapsed() < DEADLINE, "{} threads watch, not {count}", watchers());
        }
    };
    let scene = Scene::new();
    let issued = scene.authority.issue("a.test");
    scene.put("a.pem", &issued);
    // Some resources stay open as long as the program runs, so they come before the count.
    open_reactors();
    let first = scene.listen();
    wait_for(1);
    drop(first);
    wait_for(0);
    let before = descriptors();
    let mut listeners: Vec<_> = (0..3).map(|_| scene.listen()).collect();
    for listener in &mut listeners {
        scene.see(listener, "a.test", Some(&issued));
    }
    wait_for(3);
    assert!(descriptors() > before);
    let reloader = listeners[0].reloader();
    drop(listeners);
    wait_for(0);
    assert_eq!(descriptors(), before);
    assert_eq!(smol::block_on(reloader.reload()).certificates, 1, "the listener is closed");
}

#[test]
fn without_tls_there_is_nothing_to_reload() {
    let listener = listen("tcp:0:interface=127.0.0.1");
    assert!(listener.reloader().is_empty());
    let outcome = smol::block_on(listener.reloader().reload());
    assert_eq!((outcome.certificates, outcome.has_changed), (0, false));
}

/// Creates a FIFO without a writer: opening it in the ordinary way would block.
fn pipe(path: &std::path::Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

/// Runs a future; panics if it takes longer than [`DEADLINE`], because something blocks.
#[track_caller]
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let late = async {
        smol::Timer::after(DEADLINE).await;
        unreachable!("it blocks");
    };
    smol::block_on(or(future, late))
}

#[test]
fn a_pipe_in_the_place_of_a_file_blocks_nothing() {
    let scene = Scene::new();
    let (old, new) = (scene.authority.issue("a.test"), scene.authority.issue("a.test"));
    let path = scene.dir.path("a.pem");
    pipe(&path);
    let text = scene.dir.text("a.pem");
    let server = format!("ssl:0:interface=127.0.0.1:privateKey={text}");
    let said = format!("`{text}` is a device, a pipe or a socket, not a file");
    let refused = endpoint_runtime::server_from_string(&server).unwrap();
    let refused = at_once(refused.listen()).unwrap_err().to_string();
    assert!(refused.ends_with(&said), "{refused}");
    fs::remove_file(&path).unwrap();
    fs::write(&path, old.both()).unwrap();
    let mut listener = listen(&server);
    let reloader = listener.reloader();
    fs::remove_file(&path).unwrap();
    pipe(&path);
    let outcome = at_once(reloader.reload());
    assert_eq!((outcome.certificates, outcome.has_changed), (1, false));
    assert_eq!(outcome.problems[0].to_string(), said);
    // The watch finds the pipe too, and later the corrected file.
    let start = Instant::now();
    while reloader.reloads().failed < 2 {
        assert!(start.elapsed() < DEADLINE, "nothing watches");
        std::thread::yield_now();
    }
    scene.see(&mut listener, "a.test", Some(&old));
    fs::write(scene.dir.path("new"), new.both()).unwrap();
    fs::rename(scene.dir.path("new"), &path).unwrap();
    scene.see(&mut listener, "a.test", Some(&new));
}

/// A server that requires client certificates, and a client with one (mutual TLS).
struct Mutual {
    scene: Scene,
    listener: Listener,
    client: Client,
}

impl Mutual {
    fn new() -> Self {
        let scene = Scene::new();
        let text = |name: &str| scene.dir.text(name);
        scene.put("a.pem", &scene.authority.issue("a.test"));
        fs::write(scene.dir.path("me.pem"), scene.authority.issue("old.test").both()).unwrap();
        let cas = format!("clientCAs={}", text("root"));
        let listener = listen(&format!("tls:{}:0:interface=127.0.0.1:{cas}", text("certs")));
        let port = listener.local_address().port().unwrap();
        let own = format!("certificate={0}:privateKey={0}", text("me.pem"));
        let over = format!(r"endpoint=tcp\:127.0.0.1\:{port}");
        fs::write(scene.dir.path("trusted"), &scene.authority.pem).unwrap();
        let client = format!("tls:a.test:443:trustRoots={}:{own}:{over}", text("trusted"));
        Self { client: client_from_string(&client).unwrap(), listener, scene }
    }

    /// The client's certificate that the server receives, or the error of the client.
    fn seen(&mut self) -> Result<Vec<u8>, String> {
        let Self { listener, client, .. } = self;
        let connecting = async {
            match client.connect().await {
                // Keep the connection open until the server has accepted it.
                Ok(_connection) => smol::future::pending().await,
                Err(error) => Err(error.to_string()),
            }
        };
        let serving = async {
            let connection = listener.accept().await.unwrap();
            Ok(connection.tls().unwrap().peer_certificates().next().unwrap().to_vec())
        };
        smol::block_on(or(serving, connecting))
    }
}

#[test]
fn the_certificate_of_a_client_is_read_again() {
    let mut mutual = Mutual::new();
    mutual.seen().unwrap();
    let new = mutual.scene.authority.issue("new.test");
    fs::write(mutual.scene.dir.path("me.pem"), new.both()).unwrap();
    let start = Instant::now();
    while mutual.seen() != Ok(der(&new)) {
        assert!(start.elapsed() < DEADLINE, "the new certificate is not presented");
    }
}

#[test]
fn the_trust_roots_of_a_client_are_read_again() {
    let mut mutual = Mutual::new();
    mutual.seen().unwrap();
    fs::write(mutual.scene.dir.path("trusted"), Authority::new("other").pem).unwrap();
    let start = Instant::now();
    while mutual.seen().is_ok() {
        assert!(start.elapsed() < DEADLINE, "the old authority is trusted");
    }
}

#[test]
fn a_client_reloads_on_request() {
    let mut mutual = Mutual::new();
    let mut retrying = mutual.client.clone().retrying(RetryPolicy::default());
    let reloader = retrying.client().reloader();
    assert!(!reloader.is_empty());
    // A client reads its files at the first connection or reload, so none was read yet.
    assert_eq!(reloader.presented(), []);
    let outcome = smol::block_on(reloader.reload());
    assert_eq!((outcome.certificates, outcome.has_changed), (1, false));
    assert_eq!(reloader.presented()[0].subject, "CN=old.test");
    fs::write(mutual.scene.dir.path("me.pem"), "").unwrap();
    let outcome = smol::block_on(reloader.reload());
    assert!(outcome.problems[0].to_string().contains("is empty"), "{:?}", outcome.problems);
    let new = mutual.scene.authority.issue("new.test");
    fs::write(mutual.scene.dir.path("me.pem"), new.both()).unwrap();
    let outcome = smol::block_on(reloader.reload());
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    assert_eq!(reloader.presented()[0].subject, "CN=new.test");
    let connecting = async { retrying.connect().await.unwrap() };
    let accepting = async { mutual.listener.accept().await.unwrap() };
    let (_connection, accepted) = smol::block_on(zip(connecting, accepting));
    let seen = accepted.tls().unwrap().peer_certificates().next().unwrap().to_vec();
    assert_eq!(seen, der(&new));
    drop((mutual, retrying));
    let outcome = smol::block_on(reloader.reload());
    assert_eq!((outcome.certificates, outcome.problems.len()), (0, 0), "the client is gone");
    assert!(client_from_string("tcp:127.0.0.1:1").unwrap().reloader().is_empty());
}
