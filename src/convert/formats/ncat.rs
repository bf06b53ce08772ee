//! nc and ncat: `ncat -l 8080 --ssl`, `nc -U /run/a.sock`.

use crate::convert::address::{Address, port_number, unix};
use crate::convert::draft::{Draft, Layer, RelayOption};
use crate::convert::format::{Example, Format};
use crate::convert::loss::{Failure, Loss};
use crate::convert::reading::{Item, Reading, Relay};
use crate::convert::words::{program, quoted, words};
use strports_syntax::Role;

pub(super) static FORMAT: Format = Format {
    name: "ncat",
    summary: "command lines of ncat and nc",
    looks: |text| program(text).is_some_and(|name| PROGRAMS.contains(&name)),
    read: |text, _| read(text),
    write: Some(write),
    write_relay: None,
    examples: || {
        let own = [
            ("nc example.com 80", "tcp:example.com:80"),
            ("ncat -l 8080", "tcp:8080"),
            ("nc -lp 8080", "tcp:8080"),
            ("ncat -l 127.0.0.1 8080", "tcp:8080:interface=127.0.0.1"),
            ("ncat -lk 8080 -c 'cat -n'", "strports relay tcp:8080 'process:sh:-c:cat -n'"),
        ];
        let own =
            own.into_iter().map(|(example, gives)| Example { names: &[], text: example, gives });
        let flags = FLAGS.iter();
        own.chain(flags.map(|flag| Example {
            names: flag.names,
            text: flag.example,
            gives: flag.gives,
        }))
        .collect()
    },
};

const PROGRAMS: [&str; 6] = ["nc", "ncat", "netcat", "nc.openbsd", "nc.traditional", "ncat.exe"];

/// One flag.
struct Flag {
    names: &'static [&'static str],
    takes: bool,
    does: Does,
    example: &'static str,
    gives: &'static str,
}

#[derive(Clone, Copy)]
enum Does {
    Listen,
    Unix,
    Family(&'static str),
    Tls,
    TlsWith(&'static str, &'static str),
    Name,
    Port,
    Source,
    Program,
    Shell,
    Timeout(&'static str),
    Relay(&'static str),
    Once,
    Same,
    Lost(&'static str),
    Refused(&'static str),
}

use Does::{
    Family, Listen, Lost, Name, Once, Port, Program, Refused, Same, Shell, Source, Timeout, Tls,
    TlsWith, Unix,
};

const FLAGS: &[Flag] = &[
    Flag {
        names: &["-l", "--listen"],
        takes: false,
        does: Listen,
        example: "ncat -l 80",
        gives: "tcp:80",
    },
    Flag {
        names: &["-k", "--keep-open"],
        takes: false,
        does: Once,
        example: "ncat -l -k 80",
        gives: "tcp:80",
    },
    Flag {
        names: &["-U", "--unixsock"],
        takes: false,
        does: Unix,
        example: "ncat -lU /run/a",
        gives: "unix:/run/a",
    },
    Flag {
        names: &["-4"],
        takes: false,
        does: Family("tcp"),
        example: "ncat -4 h 80",
        gives: "tcp:h:80",
    },
    Flag {
        names: &["-6"],
        takes: false,
        does: Family("tcp6"),
        example: "ncat -6 h 80",
        gives: "tcp6:h:80",
    },
    Flag {
        names: &["--ssl"],
        takes: false,
        does: Tls,
        example: "ncat --ssl h 443",
        gives: "tls:h:443",
    },
    Flag {
        names: &["--ssl-verify"],
        takes: false,
        does: Tls,
        example: "ncat --ssl --ssl-verify h 443",
        gives: "tls:h:443",
    },
    Flag {
        names: &["--ssl-cert"],
        takes: true,
        does: TlsWith("certificate", "certificate"),
        example: "ncat -l 443 --ssl --ssl-cert a.pem --ssl-key b.pem",
        gives: "ssl:443:privateKey=b.pem:certKey=a.pem",
    },
    Flag {
        names: &["--ssl-key"],
        takes: true,
        does: TlsWith("privateKey", "privateKey"),
        example: "ncat -l 443 --ssl --ssl-key a.pem --ssl-cert a.pem",
        gives: "ssl:443:privateKey=a.pem",
    },
    Flag {
        names: &["--ssl-trustfile"],
        takes: true,
        does: TlsWith("clientCAs", "trustRoots"),
        example: "ncat --ssl-verify --ssl-trustfile ca.pem h 443",
        gives: "tls:h:443:trustRoots=ca.pem",
    },
    Flag {
        names: &["--ssl-servername"],
        takes: true,
        does: Name,
        example: "ncat --ssl-verify --ssl-servername h 10.0.0.1 443",
        gives: r"tls:h:443:endpoint=tcp\:10.0.0.1\:443",
    },
    Flag {
        names: &["--ssl-alpn"],
        takes: true,
        does: TlsWith("alpn", "alpn"),
        example: "ncat --ssl-verify --ssl-alpn h2 h 443",
        gives: "tls:h:443:alpn=h2",
    },
    Flag {
        names: &["--ssl-ciphers"],
        takes: true,
        does: Lost("the ciphers are those of rustls"),
        example: "ncat --ssl-verify --ssl-ciphers HIGH h 443",
        gives: "tls:h:443",
    },
    Flag {
        names: &["-p", "--source-port"],
        takes: true,
        does: Port,
        example: "nc -l -p 80",
        gives: "tcp:80",
    },
    Flag {
        names: &["-s", "--source"],
        takes: true,
        does: Source,
        example: "ncat -s 10.0.0.1 h 80",
        gives: "tcp:h:80:bindAddress=10.0.0.1",
    },
    Flag {
        names: &["-e", "--exec"],
        takes: true,
        does: Program,
        example: "ncat -lk 80 -e '/bin/cat -n'",
        gives: "strports relay tcp:80 process:/bin/cat:-n",
    },
    Flag {
        names: &["-c", "--sh-exec"],
        takes: true,
        does: Shell,
        example: "ncat -lk 80 -c cat",
        gives: "strports relay tcp:80 process:sh:-c:cat",
    },
    Flag {
        names: &["-w", "--wait"],
        takes: true,
        does: Timeout("timeout"),
        example: "nc -w 5 h 80",
        gives: "tcp:h:80:timeout=5",
    },
    Flag {
        names: &["-i", "--idle-timeout"],
        takes: true,
        does: Timeout("--idle-timeout"),
        example: "ncat -lk 80 -i 60 -c cat",
        gives: "strports relay --idle-timeout 60s tcp:80 process:sh:-c:cat",
    },
    Flag {
        names: &["-m", "--max-conns"],
        takes: true,
        does: Does::Relay("--max-connections"),
        example: "ncat -lk 80 -m 9 -c cat",
        gives: "strports relay --max-connections 9 tcp:80 process:sh:-c:cat",
    },
    Flag {
        names: &["--allow"],
        takes: true,
        does: Does::Relay("--allow"),
        example: "ncat -lk 80 --allow 10.0.0.0/8 -c cat",
        gives: "strports relay --allow 10.0.0.0/8 tcp:80 process:sh:-c:cat",
    },
    Flag {
        names: &["--deny"],
        takes: true,
        does: Does::Relay("--deny"),
        example: "ncat -lk 80 --deny 10.0.0.1 -c cat",
        gives: "strports relay --deny 10.0.0.1 tcp:80 process:sh:-c:cat",
    },
    Flag {
        names: &[
            "-v",
            "--verbose",
            "-n",
            "--nodns",
            "-vv",
            "-vvv",
            "-N",
            "-q",
            "--recv-only",
            "--no-shutdown",
        ],
        takes: false,
        does: Same,
        example: "nc -vn 10.0.0.1 80",
        gives: "tcp:10.0.0.1:80",
    },
    Flag {
        names: &[
            "--send-only",
            "-C",
            "--crlf",
            "-t",
            "--telnet",
            "--chat",
            "--broker",
            "-d",
            "-D",
            "-r",
            "-S",
            "-b",
            "--append-output",
        ],
        takes: false,
        does: Lost("bytes are passed on as they are"),
        example: "nc -C h 80",
        gives: "tcp:h:80",
    },
    Flag {
        names: &[
            "-o",
            "--output",
            "-x",
            "--hex-dump",
            "--proxy-type",
            "--proxy-auth",
            "--proxy-dns",
            "-X",
            "-P",
            "-I",
            "-O",
            "-T",
            "-V",
            "-M",
            "-m",
            "-G",
            "-g",
            "--lua-exec",
            "--allowfile",
            "--denyfile",
            "--delay",
        ],
        takes: true,
        does: Lost("there is no such option here"),
        example: "ncat -o log h 80",
        gives: "tcp:h:80",
    },
    Flag {
        names: &["--proxy"],
        takes: true,
        does: Refused("a client does not go through this proxy"),
        example: "ncat --proxy 10.0.0.1:1080 h 80",
        gives: "",
    },
    Flag {
        names: &["-u", "--udp", "--sctp", "--vsock"],
        takes: false,
        does: Refused("descriptions are for TCP and UNIX sockets, not for others"),
        example: "ncat -u h 53",
        gives: "",
    },
    Flag {
        names: &["-z"],
        takes: false,
        does: Refused("it looks whether a port is open; `strports test` does that"),
        example: "nc -z h 80",
        gives: "",
    },
];

/// What a command line says.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the program")]
struct Line {
    listens: bool,
    keeps: bool,
    unix: bool,
    family: Option<&'static str>,
    tls: Option<Layer>,
    verifies: bool,
    port: Option<String>,
    source: Option<String>,
    program: Option<Layer>,
    timeout: Option<String>,
    options: Vec<RelayOption>,
    places: Vec<String>,
}

fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    match line(text, &mut reading.losses).and_then(|line| item(line, text, &mut reading.losses)) {
        Ok(item) => reading.items.push(item),
        Err(failure) => reading.failures.push(failure),
    }
    reading
}

fn line(text: &str, losses: &mut Vec<Loss>) -> Result<Line, Failure> {
    let words = words(text).ok_or_else(|| Failure::new(text, "a quote is not closed"))?;
    let mut line = Line::default();
    let mut queue: std::collections::VecDeque<String> = words.into_iter().skip(1).collect();
    while let Some(word) = queue.pop_front() {
        if !word.starts_with('-') || word == "-" {
            line.places.push(word);
            continue;
        }
        let (name, value) = match word.split_once('=') {
            Some((name, value)) if word.starts_with("--") => {
                (name.to_owned(), Some(value.to_owned()))
            }
            _ => (word.clone(), None),
        };
        let Some(flag) = FLAGS.iter().find(|flag| flag.names.contains(&&*name)) else {
            // `-lk` is `-l -k`, and `-p80` is `-p 80`.
            let mut chars = word[1..].chars();
            let first = chars.next().map(|char| format!("-{char}"));
            let known = first
                .as_ref()
                .and_then(|first| FLAGS.iter().find(|flag| flag.names.contains(&&**first)));
            match (known, chars.as_str()) {
                (Some(flag), rest) if !rest.is_empty() && !word.starts_with("--") => {
                    queue.push_front(if flag.takes { rest.to_owned() } else { format!("-{rest}") });
                    queue.extend_front_with(first);
                }
                _ => losses.push(Loss::new(word, "this option is not known")),
            }
            continue;
        };
        let value = match value {
            None if flag.takes => queue.pop_front().unwrap_or_default(),
            value => value.unwrap_or_default(),
        };
        line.apply(flag, value, &name, losses)?;
    }
    Ok(line)
}

/// Puts a word back.
trait ExtendFront {
    fn extend_front_with(&mut self, word: Option<String>);
}

impl ExtendFront for std::collections::VecDeque<String> {
    fn extend_front_with(&mut self, word: Option<String>) {
        if let Some(word) = word {
            self.push_front(word);
        }
    }
}

impl Line {
    fn apply(
        &mut self,
        flag: &Flag,
        value: String,
        name: &str,
        losses: &mut Vec<Loss>,
    ) -> Result<(), Failure> {
        let text = format!("{name} {value}").trim_end().to_owned();
        match flag.does {
            Listen => self.listens = true,
            Unix => self.unix = true,
            Family(kind) => self.family = Some(kind),
            Tls => {
                self.verifies |= name == "--ssl-verify";
                self.tls.get_or_insert_with(|| Layer::new("tls"));
            }
            TlsWith(server, client) => {
                let key = if self.listens { server } else { client };
                self.tls.get_or_insert_with(|| Layer::new("tls")).set(key, value);
            }
            Name => self.tls.get_or_insert_with(|| Layer::new("tls")).set("host", value),
            Port => self.port = Some(value),
            Source => self.source = Some(value),
            Program => {
                let words = words(&value).unwrap_or_default();
                self.program = layer_of(words);
            }
            Shell => self.program = layer_of(vec!["sh".to_owned(), "-c".to_owned(), value]),
            Timeout("timeout") => self.timeout = Some(value.trim_end_matches('s').to_owned()),
            Timeout(option) => {
                let value = format!("{}s", value.trim_end_matches('s'));
                self.options.push(RelayOption { name: option, value, from: text });
            }
            Does::Relay(option) => {
                self.options.push(RelayOption { name: option, value, from: text });
            }
            Once => self.keeps = true,
            Same => {}
            Lost(why) => losses.push(Loss::new(text, why)),
            Refused(why) => return Err(Failure::new(text, why)),
        }
        Ok(())
    }
}

fn layer_of(words: Vec<String>) -> Option<Layer> {
    let mut words = words.into_iter();
    let mut layer = Layer::new("process").with("executable", words.next()?);
    words.for_each(|word| layer.add("args", word));
    Some(layer)
}

/// What the command does: an address, or with a program a relay.
fn item(line: Line, text: &str, losses: &mut Vec<Loss>) -> Result<Item, Failure> {
    let role = if line.listens { Role::Server } else { Role::Client };
    let mut draft = place(&line, role, text)?;
    if let Some(kind) = line.family.filter(|_| draft.transport.kind == "tcp") {
        draft.transport.kind = kind;
    }
    if let (Role::Client, Some(timeout)) = (role, &line.timeout) {
        draft.set("timeout", timeout);
    }
    match (&line.source, role) {
        (Some(source), Role::Client) => {
            draft.set("bindAddress", source);
        }
        (Some(source), _) => {
            draft.set("interface", source);
        }
        (None, _) => {}
    }
    if let Some(tls) = line.tls {
        if role == Role::Client && !line.verifies {
            let why =
                "the certificate of a server is verified always, and ncat does not unless told to";
            losses.push(Loss::new("--ssl", why));
        }
        draft.tls = Some(tls);
        // `-l` may stand behind the file of authorities.
        if role == Role::Server
            && let Some(file) = draft.tls().take("trustRoots")
        {
            draft.tls().set("clientCAs", file);
        }
    }
    let Some(program) = line.program else {
        draft.options = line.options;
        return Ok(Item::One(draft));
    };
    let program = Draft::new(Role::Client, program);
    let mut relay = if role == Role::Server {
        Relay::new(draft, vec![program])
    } else {
        return Err(Failure::new(
            text,
            "a program is a client, and a client cannot be joined to another",
        ));
    };
    relay.options = line.options;
    if !line.keeps {
        relay.option("--once", "", "no `-k`");
    }
    Ok(Item::Relay(relay))
}

fn place(line: &Line, role: Role, text: &str) -> Result<Draft, Failure> {
    let missing = || Failure::new(text, "expected a host and a port");
    if line.unix {
        let path = line.places.first().ok_or_else(|| Failure::new(text, "expected a path"))?;
        return Ok(unix(role, path, false));
    }
    let (host, port) = match (role, &line.places[..], &line.port) {
        (Role::Server, [], port) => ("", port.as_deref().unwrap_or("31337")),
        (Role::Server, [host], Some(port)) | (_, [host, port], _) => (&**host, &**port),
        (Role::Server, [one], None) if port_number(one).is_ok() => ("", &**one),
        (_, [host], _) => (&**host, "31337"),
        _ => return Err(missing()),
    };
    let address = Address { host: host.to_owned(), port: port_number(port)? };
    Ok(if role == Role::Server { address.server() } else { address.client() })
}

fn write(draft: &Draft, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let mut words = vec!["ncat".to_owned()];
    let layer = &draft.transport;
    let get = |name: &str| layer.get(name).unwrap_or_default().to_owned();
    let is_server = draft.role == Role::Server;
    if is_server {
        words.push("-lk".to_owned());
    }
    let mut places = match layer.kind {
        "tcp" | "tcp6" => {
            words.push(if layer.kind == "tcp6" { "-6" } else { "-4" }.to_owned());
            let host = if is_server { get("interface") } else { get("host") };
            vec![host, get("port")]
        }
        "unix" if layer.get("abstract").is_none() => {
            words.push("-U".to_owned());
            vec![get("address"), get("path")]
        }
        kind => return Err(Failure::new(kind, "ncat has no such address")),
    };
    // A name has addresses of both families.
    if !is_server && layer.kind == "tcp" {
        words.pop();
    }
    places.retain(|place| !place.is_empty());
    if let Some(tls) = &draft.tls {
        words.push("--ssl".to_owned());
        if !is_server {
            words.push("--ssl-verify".to_owned());
        }
        if let (true, None, Some(file)) = (is_server, tls.get("certificate"), tls.get("privateKey"))
        {
            words.extend(["--ssl-cert".to_owned(), file.to_owned()]);
        }
    }
    for (name, value) in layer.arguments().chain(draft.tls.iter().flat_map(Layer::arguments)) {
        match name {
            "port" | "interface" | "address" | "path" => {}
            "host" if layer.get("host") == Some(value) => {}
            "host" => words.extend(["--ssl-servername".to_owned(), value.to_owned()]),
            "timeout" => words.extend(["-w".to_owned(), value.to_owned()]),
            "bindAddress" => words.extend(["-s".to_owned(), value.to_owned()]),
            _ => {
                let flag = FLAGS.iter().find(|flag| match flag.does {
                    TlsWith(server, client) => (if is_server { server } else { client }) == name,
                    _ => false,
                });
                match flag {
                    Some(flag) => words.extend([flag.names[0].to_owned(), value.to_owned()]),
                    None => {
                        losses
                            .push(Loss::new(format!("{name}={value}"), "ncat has no such option"));
                    }
                }
            }
        }
    }
    if draft.proxy.is_some() {
        losses.push(Loss::new("haproxy", "ncat does not know the PROXY protocol"));
    }
    words.extend(places);
    Ok(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "))
}
