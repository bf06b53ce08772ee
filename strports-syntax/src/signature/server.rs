//! The signature table's rows for server types.
//!
//! ```
//! use strports_syntax::signature::server;
//! assert_eq!(server::ALL.first(), Some(&&server::TCP));
//! assert_eq!(server::UNIX.parameter("mode").unwrap().default_text(), Some("666"));
//! ```

use super::change::{Case, Change, Effect};
use super::definition::Binding::{Anything, Call, Wrapper};
use super::definition::Signature;
use super::kind::Kind;
use super::parameter::{Default, Parameter};
use super::purpose::Purpose;
use super::shared::{ALPN, DESCRIPTOR, DEVICE, KEEP_ALIVE, USER_TIMEOUT};

/// Every server type, extensions included, in the order in which they are listed.
///
/// See the [module](self) for an example.
pub static ALL: &[&Signature] = &[&TCP, &TCP6, &SSL, &UNIX, &TLS, &SYSTEMD, &STDIO, &HAPROXY, &FD];

const PORT: Parameter = Parameter::required(
    "port",
    Kind::Port,
    "TCP port to listen on; 0 lets the system choose a free one",
);
const BACKLOG: Parameter =
    Parameter::or("backlog", Kind::Backlog, "50", "connections that may wait to be accepted");
const EVERY_IPV4: Parameter =
    Parameter::or("interface", Kind::Interface, "", "address to listen on; empty is every IPv4");
const EVERY_IPV6: Parameter =
    Parameter::or("interface", Kind::Interface, "::", "address to listen on; `::` is every one");
const REUSE_PORT: Parameter =
    Parameter::or("reusePort", Kind::Flag, "0", "let other sockets listen on the same port")
        .extension();
const V6ONLY: Parameter =
    Parameter::or("v6only", Kind::Flag, "0", "accept IPv6 connections only").extension();
const CLIENT_CAS: Parameter = Parameter::optional(
    "clientCAs",
    Kind::Path,
    "PEM file or directory of the authorities that a client's certificate must come from",
)
.leading_to(Purpose::Authorities)
.extension();
const ENDPOINT: Parameter = Parameter::optional(
    "endpoint",
    Kind::Description,
    "server description to put TLS over, in place of a TCP port",
)
.extension();

/// The signature of `tcp` servers: `tcp:PORT[:INTERFACE[:BACKLOG]]`.
///
/// The endpoint is [`TcpServer`](crate::TcpServer), which has an example.
pub static TCP: Signature = Signature {
    any_case: false,
    ..Signature::server(
        "tcp",
        Call,
        "listens on a TCP port, over IPv4 by default",
        &[PORT, EVERY_IPV4, BACKLOG, REUSE_PORT, KEEP_ALIVE, USER_TIMEOUT, DEVICE],
    )
    .changed(&[Change::new(
        (17, 1),
        Effect::Behaves,
        "`80` is `tcp:80` for `strports.service` and `strports.listen`",
        "it is refused everywhere",
    )])
};

/// The signature of `tcp6` servers: `tcp6:PORT[:BACKLOG[:INTERFACE]]`.
///
/// The order of the last two differs from `tcp`, as in Twisted.
///
/// The endpoint is [`Tcp6Server`](crate::Tcp6Server), which has an example.
pub static TCP6: Signature = Signature::server(
    "tcp6",
    Call,
    "listens on a TCP port, over IPv6 and IPv4",
    &[PORT, BACKLOG, EVERY_IPV6, REUSE_PORT, V6ONLY, KEEP_ALIVE, USER_TIMEOUT, DEVICE],
)
.taking_bytes();

/// The signature of `ssl` servers: `ssl:PORT[:PRIVATEKEY[:CERTKEY[…]]]`.
///
/// The endpoint is [`SslServer`](crate::SslServer), which has an example.
pub static SSL: Signature = Signature {
    any_case: false,
    ..Signature::server(
        "ssl",
        Call,
        "listens for TLS connections on a TCP port, with one certificate",
        &[
            Parameter { default: Default::RequiredUnless("endpoint"), ..PORT },
            Parameter::or("privateKey", Kind::Path, "server.pem", "PEM file of the private key")
                .leading_to(Purpose::PrivateKey),
            Parameter {
                default: Default::SameAs("privateKey"),
                ..Parameter::optional("certKey", Kind::Path, "PEM file of the certificate")
                    .leading_to(Purpose::Certificate)
                    .changed(&[Change::new(
                        (17, 9),
                        Effect::Behaves,
                        "a PEM file of a certificate has to end with a line feed",
                        "it need not",
                    )])
            },
            Parameter::optional("sslmethod", Kind::TlsMethod, "which TLS versions to speak")
                .changed(&[Change::new(
                    (22, 8),
                    Effect::Behaves,
                    "TLS 1.0 and later if it is absent",
                    "TLS 1.2 and later if it is absent",
                )]),
            EVERY_IPV4,
            BACKLOG,
            Parameter::optional(
                "extraCertChain",
                Kind::Path,
                "PEM file of the intermediate certificates",
            )
            .leading_to(Purpose::Chain),
            Parameter::optional(
                "dhParameters",
                Kind::Path,
                "file of Diffie-Hellman parameters; without effect, as ECDHE needs none",
            )
            .leading_to(Purpose::DhParameters),
            CLIENT_CAS,
            ALPN,
            REUSE_PORT,
            ENDPOINT,
            KEEP_ALIVE,
            USER_TIMEOUT,
            DEVICE,
        ],
    )
};

/// The signature of `unix` servers: `unix:ADDRESS[:MODE[:BACKLOG[:LOCKFILE]]]`.
///
/// The endpoint is [`UnixServer`](crate::UnixServer), which has an example.
pub static UNIX: Signature = Signature {
    any_case: false,
    ..Signature::server(
        "unix",
        Call,
        "listens on a UNIX socket",
        &[
            Parameter::required("address", Kind::Path, "path of the socket")
                .leading_to(Purpose::NewSocket),
            Parameter::or("mode", Kind::Mode, "666", "permissions of the socket, in octal"),
            BACKLOG,
            Parameter::or("lockfile", Kind::Flag, "1", "hold a lock beside the socket"),
            Parameter::or(
                "abstract",
                Kind::Flag,
                "0",
                "the address is an abstract name, not a path",
            )
            .extension(),
            Parameter::optional(
                "user",
                Kind::Text,
                "user to own the socket, by name or number; absent is the user that runs it",
            )
            .extension(),
            Parameter::optional(
                "group",
                Kind::Text,
                "group of the socket, by name or number; absent is the group that runs it",
            )
            .extension(),
        ],
    )
};

/// The signature of `tls` servers: `tls:PATH[:PORT[:BACKLOG[:INTERFACE]]]`.
///
/// Unlike in other types, the path of the certificates comes before the port.
///
/// The endpoint is [`TlsServer`](crate::TlsServer), which has an example.
pub static TLS: Signature = Signature::server(
    "tls",
    Call,
    "listens for TLS connections, with a certificate chosen by the requested name",
    &[
        Parameter::required("path", Kind::Path, "PEM file, or directory of PEM files")
            .leading_to(Purpose::Identities),
        Parameter { default: Default::Text("443"), ..PORT },
        BACKLOG,
        EVERY_IPV6,
        CLIENT_CAS,
        ALPN,
        REUSE_PORT,
        V6ONLY,
        ENDPOINT,
        KEEP_ALIVE,
        USER_TIMEOUT,
        DEVICE,
    ],
)
.taking_bytes()
.changed(&[Change::new((26, 4), Effect::Accepted, "unknown type", "a new type")]);

/// The signature of `systemd` servers: `systemd:DOMAIN:index=INDEX` or `systemd:DOMAIN:name=NAME`.
///
/// The endpoint is [`SystemdServer`](crate::SystemdServer), which has an example.
pub static SYSTEMD: Signature = Signature::server(
    "systemd",
    Call,
    "listens on a socket that systemd opened",
    &[
        Parameter::required("domain", Kind::Domain, "address family of the socket"),
        Parameter::optional(
            "index",
            Kind::Number,
            "position of the socket among those passed, from 0",
        )
        .changed(&[
            Change::new((22, 10), Effect::Behaves, "required", "optional beside `name`"),
            Change::new(
                (22, 10),
                Effect::Behaves,
                "LISTEN_FDNAMES is not read",
                "LISTEN_FDNAMES must have as many names as there are sockets",
            ),
        ]),
        Parameter::optional("name", Kind::Text, "`FileDescriptorName` of the socket").changed(&[
            Change::new((22, 10), Effect::Accepted, "unknown keyword", "a new parameter"),
        ]),
    ],
);

/// The signature of `stdio` servers: `stdio:`.
///
/// The endpoint is [`StdioServer`](crate::StdioServer), which has an example.
pub static STDIO: Signature =
    Signature::server("stdio", Anything, "serves one connection on standard input and output", &[])
        .taking_bytes()
        .changed(&[Change::new(
            (17, 1),
            Effect::Accepted,
            "`stdio` is refused, as each description of one positional argument is",
            "`stdio` is `stdio:`",
        )
        .in_case(Case::Alone)]);

/// The signature of `haproxy` servers, which wrap another server: `haproxy:SERVER`.
///
/// See the [module](self) for an example.
pub static HAPROXY: Signature = Signature::server(
    "haproxy",
    Wrapper,
    "expects the PROXY protocol's header before each connection's data",
    &[
        Parameter::optional(
            "proxyTrusted",
            Kind::Networks,
            "networks whose headers are trusted, separated by commas; absent is every sender",
        )
        .extension(),
        Parameter::optional(
            "proxyVersion",
            Kind::ProxyVersion,
            "the one version to accept; absent is both",
        )
        .extension(),
    ],
)
.changed(&[Change::new((16, 2), Effect::Accepted, "unknown type", "a new type")]);

/// The signature of `fd` servers: `fd:N`.
///
/// The endpoint is [`FdServer`](crate::FdServer), which has an example.
pub static FD: Signature = Signature {
    extension: true,
    ..Signature::server("fd", Call, "listens on a socket that is open already", &[DESCRIPTOR])
};
