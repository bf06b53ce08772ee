//! The servers that are compared (the peers), each in a child process on its own core.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::Fallible;

/// The processor core that servers run on. Only one server is busy at a time.
const PEER_CORE: usize = 0;
/// The processor core that the clients and the target run on.
pub(crate) const LOAD_CORE: usize = 1;

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(10);

/// The unit of times in `/proc/PID/stat`, which is equal on every Linux target of Rust.
const TICK: Duration = Duration::from_millis(10);

pub(crate) enum Kind<'a> {
    Strports(&'a str),
    /// The bare loop, with the cryptography library of this name.
    Bare(&'static str),
    Haproxy,
    Stunnel,
}

impl<'a> Kind<'a> {
    /// Parses `NAME=KIND`, where KIND is a kind of server or the path of a strports program.
    pub(crate) fn read(text: &'a str) -> Fallible<(&'a str, Self)> {
        let (name, kind) = text.split_once('=').ok_or_else(|| format!("`{text}` has no `=`"))?;
        let kind = match kind {
            "bare" => Self::Bare("aws-lc"),
            "bare-ring" => Self::Bare("ring"),
            "haproxy" => Self::Haproxy,
            "stunnel" => Self::Stunnel,
            program => Self::Strports(program),
        };
        Ok((name, kind))
    }

    fn command(&self, directory: &Path, port: u16, target: u16) -> Fallible<Vec<String>> {
        let file = |name: &str| directory.join(name).display().to_string();
        let configured = |name: &str, text: String| {
            fs::write(directory.join(name), text).map(|()| directory.join(name))
        };
        let command = match self {
            Self::Strports(program) => {
                let (key, certificate) = (file("key.pem"), file("cert.pem"));
                let server = format!(
                    "ssl:{port}:privateKey={key}:certKey={certificate}:interface=127.0.0.1"
                );
                let client = format!("tcp:127.0.0.1:{target}");
                vec![(*program).to_owned(), "relay".to_owned(), server, client]
            }
            Self::Bare(provider) => {
                let program = std::env::current_exe()?.display().to_string();
                let (port, target) = (port.to_string(), target.to_string());
                vec![program, "bare".into(), (*provider).into(), port, target, file("")]
            }
            Self::Haproxy => {
                let text = format!(
                    "global\n  nbthread 1\n  maxconn 4000\n  \
                     ssl-default-bind-options ssl-min-ver TLSv1.3\n  \
                     ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256\n  \
                     ssl-default-bind-curves X25519\n\
                     defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 60s\n  \
                     timeout server 60s\n\
                     listen tls\n  bind 127.0.0.1:{port} ssl crt {}\n  \
                     server sink 127.0.0.1:{target}\n",
                    file("both.pem"),
                );
                let file = configured("haproxy.cfg", text)?.display().to_string();
                vec!["haproxy".to_owned(), "-f".to_owned(), file]
            }
            Self::Stunnel => {
                let text = format!(
                    "foreground = yes\nsyslog = no\npid =\ndebug = 3\n[tls]\n\
                     accept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{target}\n\
                     cert = {}\nkey = {}\nsslVersionMin = TLSv1.3\n\
                     ciphersuites = TLS_AES_128_GCM_SHA256\ncurves = X25519\n",
                    file("cert.pem"),
                    file("key.pem"),
                );
                let file = configured("stunnel.conf", text)?.display().to_string();
                vec!["stunnel4".to_owned(), file]
            }
        };
        Ok(command)
    }
}

/// A running server, which is killed on drop.
pub(crate) struct Peer {
    name: String,
    port: u16,
    post_quantum: bool,
    child: Child,
}

impl Peer {
    pub(crate) fn start(
        name: &str,
        kind: &Kind<'_>,
        directory: &Path,
        target: u16,
    ) -> Fallible<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let command = kind.command(directory, port, target)?;
        let log = fs::File::create(directory.join(format!("{}.log", name.replace('/', "-"))))?;
        // `setpriv` and `taskset` replace themselves by the server, so its process id is known. The
        // server is killed when this process ends.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "taskset", "-c", &PEER_CORE.to_string()])
            .args(&command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        // OpenSSL supports the post-quantum key exchange only from 3.5 on, and ring does not.
        let post_quantum = matches!(kind, Kind::Bare("aws-lc"))
            || matches!(kind, Kind::Strports(_)) && !name.contains("ring");
        let mut peer = Self { name: name.to_owned(), port, post_quantum, child };
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if let Some(status) = peer.child.try_wait()? {
                return Err(format!("{name} ended: {status}").into());
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("{name} does not listen").into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(peer)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn is_post_quantum(&self) -> bool {
        self.post_quantum
    }

    /// Returns the CPU time of the server so far, in user space and in the kernel.
    pub(crate) fn cpu(&self) -> Fallible<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may contain any character, so fields are counted after it.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
        Ok(TICK * ticks.sum::<Result<u32, _>>()?)
    }

    /// Returns the resident memory of the server, in bytes.
    pub(crate) fn memory(&self) -> Fallible<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: u64 = line.and_then(|it| it.split_whitespace().next()).unwrap_or("").parse()?;
        Ok(kib << 10)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Killing fails only if the process has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Pins this process to one core. Threads and child processes that it starts later inherit that.
pub(crate) fn pin_to(core: usize) -> Fallible<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    Ok(sched_setaffinity(None, &cores)?)
}

/// Raises the soft limit of open descriptors to the hard limit; child processes inherit that.
pub(crate) fn allow_many_files() -> Fallible<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}
