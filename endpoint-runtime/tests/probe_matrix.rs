//! Probes of clients and servers that are broken in many ways, one row of a table each.
//!
//! A probe must fail exactly if connecting fails, with the same message, and name the step.

#![cfg(all(any(feature = "tls", feature = "ring"), feature = "process"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/broken.rs"]
mod broken;
#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use std::sync::Arc;
use std::time::Duration;

use endpoint_runtime::probe::{Probe, ProbeOptions, StepKind};
use endpoint_runtime::{Client, TlsProblem, client_from_string};
use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, date_time_ymd};
use smol::io::AsyncReadExt;

use broken::{After, Answer, Fixed, Then, closed_port, raw, refusing_after, tls_piece};
use pki::{Authority, leaf, self_signed};
use support::{TempDir, listen};

/// Long enough for a handshake on a busy machine, but short for servers that never answer.
const LIMIT: Duration = Duration::from_secs(2);

/// A client, and how its probe is expected to fail: in which step, and with which words.
struct Row {
    name: &'static str,
    client: Client,
    /// The step that fails; `None` if the probe succeeds.
    fails: Option<StepKind>,
    /// A part of the error message.
    says: &'static str,
    /// A part of the advice; empty if none is expected.
    advises: &'static str,
}

#[track_caller]
fn client(text: &str) -> Client {
    client_from_string(text).unwrap().within(LIMIT)
}

/// The error message of connecting and of a first read; `None` if both succeed.
///
/// With TLS 1.3, a server rejects the client's certificate after the client's handshake is
/// complete, so the error arrives with the first read.
async fn connect(client: &Client) -> Option<String> {
    let mut connection = match client.connect().await {
        Ok(connection) => connection,
        Err(error) => return Some(error.problem().to_string()),
    };
    connection.tls()?;
    let read = async { connection.read(&mut [0]).await.err() };
    let late = async {
        smol::Timer::after(Duration::from_millis(500)).await;
        None
    };
    let error = smol::future::or(read, late).await?;
    let problem = error.get_ref()?.downcast_ref::<TlsProblem>()?;
    let side = connection.peer_address();
    Some(format!("no TLS with {side}: {problem}"))
}

impl Row {
    /// Compares the probe with connecting and with the row; the error describes a difference.
    async fn check(&self) -> Result<(), String> {
        let connected = connect(&self.client).await;
        // The probe uses the same client, so it may resume a TLS session of `connect`. A handshake
        // that failed leaves no session, so its error appears again.
        let mut options = ProbeOptions::default();
        options.starts_programs = true;
        let probe = self.client.probe(&options).await;
        let failed = probe.steps.iter().find(|step| !step.is_ok);
        let wrong = |what: &str| {
            let steps = probe.steps.iter().map(|step| (step.kind, &step.message, &step.advice));
            let steps: Vec<_> = steps.collect();
            Err(format!("{}: {what}\nconnect: {connected:?}\nprobe: {steps:#?}", self.name))
        };
        if failed.map(|step| step.kind) != self.fails {
            return wrong("another step");
        }
        if failed.map(|step| step.message.clone()) != connected {
            return wrong("another problem");
        }
        if probe.is_ok() != failed.is_none() || !is_in_order(&probe) {
            return wrong("contradicts itself");
        }
        if !failed.is_none_or(|step| step.message.contains(self.says)) {
            return wrong("other words");
        }
        let advice = probe.steps.iter().flat_map(|step| &step.advice);
        if !self.advises.is_empty() && !advice.into_iter().any(|it| it.contains(self.advises)) {
            return wrong("other advice");
        }
        Ok(())
    }
}

/// Whether each step starts after the end of the previous one, and only the last one fails.
fn is_in_order(probe: &Probe) -> bool {
    let steps = &probe.steps;
    steps.windows(2).all(|it| it[0].began <= it[1].began && it[0].is_ok)
        && steps.iter().all(|step| step.began + step.took <= probe.took)
}

/// The rows of the table, their files, and the authority that their clients trust.
struct Scene {
    dir: TempDir,
    root: Authority,
    rows: Vec<Row>,
}

impl Scene {
    fn new() -> Self {
        let (dir, root) = (TempDir::new(), Authority::new("root"));
        std::fs::write(dir.path("root.pem"), &root.pem).unwrap();
        Self { dir, root, rows: Vec::new() }
    }

    fn add(
        &mut self,
        name: &'static str,
        client: Client,
        fails: impl Into<Option<StepKind>>,
        says: &'static str,
        advises: &'static str,
    ) {
        self.rows.push(Row { name, client, fails: fails.into(), says, advises });
    }

    /// A TLS client for `a.test` at this port, which trusts the root. `more` has further arguments.
    fn tls(&self, port: u16, more: &str) -> Client {
        let root = self.dir.text("root.pem");
        client(&format!(r"tls:a.test:443:trustRoots={root}:endpoint=tcp\:127.0.0.1\:{port}{more}"))
    }

    /// Starts a TLS server with this certificate and key, and returns its port.
    fn serve(&self, file: &str, pem: &str, more: &str) -> u16 {
        std::fs::write(self.dir.path(file), pem).unwrap();
        let path = self.dir.text(file);
        let mut listener = listen(&format!("ssl:0:{path}:interface=127.0.0.1{more}"));
        let port = listener.local_address().port().unwrap();
        std::thread::spawn(move || {
            smol::block_on(async {
                let mut open = Vec::new();
                loop {
                    open.push(listener.accept().await);
                }
            })
        });
        port
    }
}

#[test]
fn a_probe_fails_where_connecting_fails_and_with_the_same_words() {
    let mut scene = Scene::new();
    transports(&mut scene);
    programs(&mut scene);
    broken_handshakes(&mut scene);
    tunnels(&mut scene);
    refused_certificates(&mut scene);
    refused_parameters(&mut scene);
    assert!(scene.rows.len() >= 40, "{}", scene.rows.len());
    let checks = scene.rows.iter().map(Row::check);
    let wrong: Vec<_> = smol::block_on(futures_util::future::join_all(checks))
        .into_iter()
        .filter_map(Result::err)
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn transports(scene: &mut Scene) {
    use StepKind::{Connect, Resolve};

    let named = |addresses: Answer| {
        client("tcp:h.test:1").with_resolver(Arc::new(Fixed(addresses))).within(LIMIT)
    };
    let open = raw(After::Accept, Then::Stay, b"");
    let (open, closed) = (([127, 0, 0, 1], open).into(), ([127, 0, 0, 1], closed_port()).into());
    scene.add("a closed port", client(&format!("tcp:{closed}")), Connect, "refused", "");
    scene.add("an open port", client(&format!("tcp:{open}")), None, "", "");
    scene.add("a name", named(Answer::Addresses(vec![open])), None, "", "");
    let both = Answer::Addresses(vec![closed, open]);
    scene.add("a name with one closed port", named(both), None, "", "");
    scene.add(
        "a name at a closed port",
        named(Answer::Addresses(vec![closed])),
        Connect,
        "ref",
        "",
    );
    scene.add("an unknown name", named(Answer::Unknown), Resolve, "it is not ours", "");
    scene.add("a name without addresses", named(Answer::Addresses(vec![])), Resolve, "", "");
    scene.add("a silent resolver", named(Answer::Never), Resolve, "no answer within", "");
    let full = listen("tcp:0:interface=127.0.0.1:backlog=0");
    let address = full.local_address().as_tcp().unwrap();
    let waiting = std::net::TcpStream::connect(address).unwrap();
    std::mem::forget((full, waiting));
    scene.add("a full queue", client(&format!("tcp:{address}")), Connect, "no answer in time", "");
    let v6 = client("tcp6:127.0.0.1:1");
    scene.add("an address of the other family", v6, Connect, "IPv6", "");
    let zone = client(r"tcp:fe80\:\:1%no-such-zone:1");
    scene.add("an unknown zone", zone, Connect, "no-such-zone", "");

    let dir = &scene.dir;
    let (missing, file) = (dir.text("missing.sock"), dir.text("root.pem"));
    let stale = dir.text("stale.sock");
    drop(std::os::unix::net::UnixListener::bind(&stale).unwrap());
    let long = dir.text("d");
    std::fs::create_dir(&long).unwrap();
    let locked = client(&format!("unix:{stale}:lockfile=1"));
    scene.add("a missing socket", client(&format!("unix:{missing}")), Connect, "no such file", "");
    scene.add("a file that is no socket", client(&format!("unix:{file}")), Connect, "refused", "");
    scene.add("a directory", client(&format!("unix:{long}")), Connect, "refused", "");
    scene.add("a stale socket", client(&format!("unix:{stale}")), Connect, "refused", "");
    scene.add("a socket without its lock", locked, Connect, "no running server holds", "");
    let below = client(&format!("unix:{file}/x.sock"));
    scene.add("a socket below a file", below, Connect, "not a directory", "");
    let nobody = client("unix:no-such-name:abstract=1");
    scene.add("an abstract name", nobody, Connect, "refused", "");
    let header = client(&format!("haproxy:tcp:{open}"));
    scene.add("a PROXY header", header, None, "", "");
}

fn tunnels(scene: &mut Scene) {
    use StepKind::{Connect, Tunnel};

    let http =
        |port: u16| client(&format!(r"http-connect:h.test:1:endpoint=tcp\:127.0.0.1\:{port}"));
    let socks = |port: u16| client(&format!(r"socks5:h.test:1:endpoint=tcp\:127.0.0.1\:{port}"));
    let good = raw(After::Hello, Then::Stay, b"HTTP/1.1 200 OK\r\n\r\n");
    scene.add("an HTTP proxy", http(good), None, "", "");
    let asks = raw(After::Hello, Then::Stay, b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    scene.add("a proxy that wants a password", http(asks), Tunnel, "requires a user name", "");
    let cannot = raw(After::Hello, Then::Stay, b"HTTP/1.1 502 Bad Gateway\r\n\r\n");
    scene.add("a proxy that cannot connect", http(cannot), Tunnel, "502", "");
    scene.add("no proxy", http(closed_port()), Connect, "refused", "");
    let silent = raw(After::Accept, Then::Stay, b"");
    scene.add("a silent HTTP proxy", http(silent), Tunnel, "within", "");
    scene.add("a silent SOCKS proxy", socks(silent), Tunnel, "within", "");
    let ended = raw(After::Hello, Then::Close, b"");
    scene.add("a SOCKS proxy that ends", socks(ended), Tunnel, "", "");
    let none = raw(After::Hello, Then::Stay, b"\x05\xff");
    scene.add("a SOCKS proxy that wants a password", socks(none), Tunnel, "", "");
    scene.add("HTTP in place of SOCKS", socks(good), Tunnel, "", "");
}

fn programs(scene: &mut Scene) {
    use StepKind::Files;

    let (root, script) = (scene.dir.text("root.pem"), scene.dir.text("script"));
    std::fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).unwrap();
    scene.add("a program", client("process:true"), None, "", "");
    scene.add("a missing program", client("process:no-such-program"), Files, "no program", "");
    scene.add("a missing file", client("process:/no/such"), Files, "no such file", "");
    let denied = client(&format!("process:{root}"));
    scene.add("a file that is no program", denied, Files, "permission denied", "");
    let cwd = client("process:true:cwd=/no/such");
    scene.add("a missing directory", cwd, Files, "cannot enter", "");
    let lost = client(&format!("process:{script}"));
    scene.add("a missing interpreter", lost, Files, "interpreter", "");
}

fn broken_handshakes(scene: &mut Scene) {
    use StepKind::Tls;

    let mut add = |name, port, says, advises| {
        let client = scene.tls(port, "");
        scene.rows.push(Row { name, client, fails: Some(Tls), says, advises });
    };
    let silent = "no handshake with";
    add("silent", raw(After::Accept, Then::Stay, b""), silent, "");
    add("silent after the hello", raw(After::Hello, Then::Stay, b""), silent, "");
    add("silent in a header", raw(After::Hello, Then::Stay, b"\x16\x03"), silent, "");
    add("closed at once", raw(After::Accept, Then::Close, b""), "without an answer", "");
    add("closed after the hello", raw(After::Hello, Then::Close, b""), "without an answer", "");
    let piece = "in the middle";
    add("closed in a header", raw(After::Hello, Then::Close, b"\x16\x03"), piece, "");
    add("reset after the hello", raw(After::Hello, Then::Reset, b""), "reset", "");
    let http = raw(After::Hello, Then::Close, b"HTTP/1.1 400 Bad Request\r\n\r\n");
    add("HTTP", http, "does not speak TLS", "that is HTTP without TLS");
    let ssh = raw(After::Accept, Then::Stay, b"SSH-2.0-OpenSSH_9.2p1\r\n");
    add("SSH", ssh, "does not speak TLS", "that is SSH without TLS");
    let smtp = raw(After::Accept, Then::Stay, b"220 mx.test ESMTP\r\n");
    add("SMTP", smtp, "does not speak TLS", "that is SMTP, which begins TLS after STARTTLS");
    let failure = raw(After::Hello, Then::Close, b"\x15\x03\x03\0\x02\x02\x28");
    add("no common cipher", failure, "handshake failure", "");
    let unknown = raw(After::Hello, Then::Close, b"\x15\x03\x03\0\x02\x02\x70");
    add("an unknown name", unknown, "unrecognized name", "");
    let garbage = raw(After::Hello, Then::Close, &[0x16, 3, 3, 0, 4, 0xff, 0xff, 0xff, 0xff]);
    add("garbage in a record", garbage, "", "");

    let pem = scene.root.issue("a.test").both();
    for (name, then, at, says) in [
        ("silent in the server's hello", Then::Stay, 40, silent),
        ("silent after the server's hello", Then::Stay, 127, silent),
        ("reset in the server's hello", Then::Reset, 40, "reset"),
        ("closed before the certificate", Then::Close, 140, piece),
    ] {
        let client = scene.tls(tls_piece(&pem, at, then), "");
        scene.rows.push(Row { name, client, fails: Some(Tls), says, advises: "" });
    }
    let client = scene.tls(refusing_after(&pem, Then::Reset), "");
    scene.add("reset after the handshake", client, None, "", "");
}

fn refused_certificates(scene: &mut Scene) {
    use StepKind::Tls;

    let good = scene.root.issue("a.test").both();
    let port = scene.serve("good.pem", &good, "");
    scene.add("a good certificate", scene.tls(port, ""), None, "", "");
    let platform = client(&format!(r"tls:a.test:443:endpoint=tcp\:127.0.0.1\:{port}"));
    scene.add("a private root", platform, Tls, "was issued by `CN=root`", "`trustRoots=`");
    let other = client(&format!(
        r"tls:b.test:443:trustRoots={}:endpoint=tcp\:127.0.0.1\:{port}",
        scene.dir.text("root.pem")
    ));
    scene.add("another name", other, Tls, "is not for `b.test`", "`a.test` is one that it is for");
    let middle = scene.root.below("middle");
    let chained = scene.serve("chained.pem", &middle.issue("a.test").both(), "");
    scene.add(
        "no intermediate",
        scene.tls(chained, ""),
        Tls,
        "was issued by `CN=middle`",
        "CN=middle",
    );
    std::fs::create_dir(scene.dir.path("roots")).unwrap();
    std::fs::write(scene.dir.path("roots/root.pem"), &scene.root.pem).unwrap();
    std::fs::write(scene.dir.path("roots/middle.crt"), &middle.pem).unwrap();
    let beside = client(&format!(
        r"tls:a.test:443:trustRoots={}:endpoint=tcp\:127.0.0.1\:{chained}",
        scene.dir.text("roots")
    ));
    let found = "does not present the intermediate certificate `CN=middle`";
    scene.add("no intermediate, but one here", beside, Tls, "was issued by `CN=middle`", found);

    let stranger = Authority::new("stranger");
    let port = scene.serve("stranger.pem", &stranger.issue("a.test").both(), "");
    scene.add(
        "a stranger's",
        scene.tls(port, ""),
        Tls,
        "was issued by `CN=stranger`",
        "CN=stranger",
    );
    let with_root = [&*stranger.issue("a.test").both(), &stranger.pem].concat();
    let port = scene.serve("sent.pem", &with_root, "");
    scene.add("a stranger's, root sent", scene.tls(port, ""), Tls, "CN=stranger", "trustRoots=");
    let own = self_signed(&leaf("a.test")).both();
    let port = scene.serve("own.pem", &own, "");
    scene.add(
        "a self-signed one",
        scene.tls(port, ""),
        Tls,
        "is self-signed",
        "own.pem` verifies it",
    );

    // A server does not start with invalid certificates, so these servers are raw.
    let mut expired = leaf("a.test");
    expired.not_after = date_time_ymd(2020, 1, 1);
    let pem = scene.root.issue_as(&expired).both();
    let port = tls_piece(&pem, usize::MAX, Then::Stay);
    scene.add("an expired one", scene.tls(port, ""), Tls, "expired on 2020-01-01", "");
    let mut early = leaf("a.test");
    early.not_before = date_time_ymd(2999, 1, 1);
    let pem = scene.root.issue_as(&early).both();
    let port = tls_piece(&pem, usize::MAX, Then::Stay);
    scene.add("an early one", scene.tls(port, ""), Tls, "not valid before 2999-01-01", "");
    let mut both = leaf("c.test");
    both.not_after = date_time_ymd(2020, 1, 1);
    let pem = scene.root.issue_as(&both).both();
    let port = tls_piece(&pem, usize::MAX, Then::Stay);
    scene.add(
        "expired, another name",
        scene.tls(port, ""),
        Tls,
        "expired",
        "not for `a.test` either",
    );
    let old = scene.root.below_until("old", 2020);
    let pem = [&*old.issue("a.test").both(), &old.pem].concat();
    let port = tls_piece(&pem, usize::MAX, Then::Stay);
    scene.add("an expired intermediate", scene.tls(port, ""), Tls, "`CN=old` expired", "");
    let mut purpose = leaf("a.test");
    purpose.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let port = scene.serve("purpose.pem", &scene.root.issue_as(&purpose).both(), "");
    scene.add("one for clients", scene.tls(port, ""), Tls, "is not meant for servers", "");
    let mut authority = leaf("a.test");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let port = scene.serve("authority.pem", &scene.root.issue_as(&authority).both(), "");
    scene.add(
        "one of an authority",
        scene.tls(port, ""),
        Tls,
        "the certificate of an authority",
        "",
    );
}

fn refused_parameters(scene: &mut Scene) {
    use StepKind::{Files, Tls};

    let pem = scene.root.issue("a.test").both();
    let root = scene.dir.text("root.pem");
    for (name, more) in [
        ("a certificate wanted, TLS 1.3", ":sslmethod=TLSv1_3_METHOD"),
        ("a certificate wanted, TLS 1.2", ":sslmethod=TLSv1_2_METHOD"),
    ] {
        let port = scene.serve("wants.pem", &pem, &format!(":clientCAs={root}{more}"));
        let advises = "a certificate for this side, from `CN=root`, is given by `certificate=`";
        scene.add(name, scene.tls(port, ""), Tls, "certificate required", advises);
    }
    let port = scene.serve("alpn.pem", &pem, ":alpn=h2");
    let alpn =
        format!(r"tls:a.test:443:trustRoots={root}:alpn=imap:endpoint=tcp\:127.0.0.1\:{port}");
    scene.add("no common protocol", client(&alpn), Tls, "no application protocol", "");
    let port = scene.serve("new.pem", &pem, ":sslmethod=TLSv1_3_METHOD");
    let old = format!("ssl:127.0.0.1:{port}:hostname=a.test:caCertsDir={root}");
    scene.add("a server of TLS 1.3 alone", client(&old), None, "", "");
    let missing = scene.dir.text("missing.pem");
    let files = client(&format!("tls:a.test:443:trustRoots={missing}"));
    scene.add("missing trust roots", files, Files, "no such file", "");
    std::fs::write(scene.dir.path("empty.pem"), "").unwrap();
    let empty = client(&format!("tls:a.test:443:trustRoots={}", scene.dir.text("empty.pem")));
    scene.add("empty trust roots", empty, Files, "is empty", "");
    let key = scene.dir.text("key.pem");
    std::fs::write(&key, scene.root.issue("c.test").key).unwrap();
    let pair = format!("tls:a.test:443:trustRoots={root}:certificate={root}:privateKey={key}");
    scene.add("a key of another certificate", client(&pair), Files, "does not belong", "");
}
