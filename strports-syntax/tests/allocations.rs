//! Counts allocations: the lexer, arguments, descriptions, and endpoints without nesting need none.

use std::hint::black_box;

use strports_syntax::{ClientEndpoint, Description, Error, ServerEndpoint, Sink, tokens};

/// The number of heap allocations on this thread while `run` runs.
fn allocations(run: impl FnOnce()) -> u64 {
    allocation_counter::measure(run).count_total
}

const SERVERS: &[&str] = &[
    "tcp:8080",
    r"tcp:80:interface=\:\:1:backlog=5:reusePort=1",
    "tcp6:80:v6only=1",
    r"ssl:443:privateKey=C\:\\key.pem:certKey=c.pem:sslmethod=TLS_METHOD:alpn=h2",
    r"unix:/run/a\:b:mode=0o660:lockfile=0",
    "tls:/certs:443:backlog= 5 ",
    "systemd:INET:name=web",
    "stdio:",
    "fd:3",
];

const CLIENTS: &[&str] = &[
    "tcp:example.com:80:timeout=5",
    r"ssl:h:443:hostname=a\.b:caCertsDir=/x",
    "unix:/run/a:checkPID=1",
    r"tls:\:\:1:443:trustRoots=/x",
    r"process:/bin/echo:a:b\:c:env=A=1:env=B=2:usePTY=1",
    "fd:0",
];

/// Invalid descriptions, because reporting errors to a sink must not allocate either.
const WRONG: &[&str] = &["", r"tcp:80\", "tpc:80", "tcp:80:x=1:y=2", "tls:-h:x", "systemd:inet"];

#[test]
fn tokens_arguments_and_descriptions_do_not_allocate() {
    for text in SERVERS.iter().chain(CLIENTS).chain(WRONG) {
        let count = allocations(|| {
            black_box(tokens(text.as_bytes()).count());
            if let Ok(description) = Description::parse(text) {
                for argument in description.arguments() {
                    black_box(argument.value.bytes().count());
                }
            }
        });
        assert_eq!(count, 0, "{text}");
    }
}

/// A sink that stores no error, so that it does not allocate.
struct Deaf;

impl Sink for Deaf {
    fn error(&mut self, error: Error) {
        black_box(error);
    }
}

#[test]
fn flat_endpoints_do_not_allocate() {
    let read = |texts: &[&str], read: fn(&str)| {
        for text in texts {
            assert_eq!(allocations(|| read(text)), 0, "{text}");
        }
    };
    read(SERVERS, |text| drop(black_box(ServerEndpoint::parse(text))));
    read(CLIENTS, |text| drop(black_box(ClientEndpoint::parse(text))));
    read(WRONG, |text| drop(black_box(ServerEndpoint::parse_with(text, &mut Deaf))));
    let wrapped = || drop(black_box(ServerEndpoint::parse("haproxy:tcp:80")));
    assert!(allocations(wrapped) > 0, "the counter counts");
}

#[test]
fn the_texts_are_flat_or_nested_as_declared() {
    assert!(SERVERS.iter().all(|text| ServerEndpoint::parse(text).is_ok()));
    assert!(CLIENTS.iter().all(|text| ClientEndpoint::parse(text).is_ok()));
    assert!(WRONG.iter().all(|text| ServerEndpoint::parse(text).is_err()));
}
