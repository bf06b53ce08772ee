//! The signature table's rows for client types.
//!
//! ```
//! use strports_syntax::signature::client;
//! let ours = client::ALL.iter().filter(|signature| signature.extension);
//! assert!(ours.clone().any(|signature| signature.name == "process"));
//! assert!(ours.clone().all(|signature| *signature != &client::TCP));
//! ```

use super::change::{Case, Change, Effect};
use super::definition::Binding::{Anything, Call, HostAndPort, Path, Program, Wrapper};
use super::definition::Signature;
use super::kind::Kind;
use super::parameter::Parameter;
use super::purpose::Purpose;
use super::shared::{ALPN, DESCRIPTOR, DEVICE, KEEP_ALIVE, USER_TIMEOUT};

/// Every client type, extensions included, in the order in which they are listed.
///
/// See the [module](self) for an example.
pub static ALL: &[&Signature] =
    &[&TCP, &TCP6, &SSL, &UNIX, &TLS, &STDIO, &HAPROXY, &FD, &PROCESS, &SOCKS5, &HTTP_CONNECT];

const HOST: Parameter = Parameter::required("host", Kind::Host, "host to connect to");
const PORT: Parameter = Parameter::required("port", Kind::Port, "TCP port to connect to");
const TIMEOUT: Parameter =
    Parameter::or("timeout", Kind::Seconds, "30", "seconds that an attempt may take");
const BIND_ADDRESS: Parameter =
    Parameter::optional("bindAddress", Kind::Interface, "local address to connect from");
const ATTEMPT_DELAY: Parameter = Parameter::or(
    "attemptDelay",
    Kind::Delay,
    "0.25",
    "seconds between attempts at the addresses of a name",
)
.extension();
const CERTIFICATE: Parameter =
    Parameter::optional("certificate", Kind::Path, "PEM file of the client's certificate")
        .leading_to(Purpose::Certificate);
const PRIVATE_KEY: Parameter =
    Parameter::optional("privateKey", Kind::Path, "PEM file of the client's private key")
        .leading_to(Purpose::PrivateKey);
const TRUST_ROOTS: Parameter = Parameter::optional(
    "trustRoots",
    Kind::Path,
    "PEM file, or directory of PEM files, of the authorities to trust",
)
.leading_to(Purpose::Authorities);

/// The signature of `tcp` clients: `tcp:HOST:PORT`.
///
/// The endpoint is [`TcpClient`](crate::TcpClient), which has an example.
pub static TCP: Signature =
    Signature::client("tcp", HostAndPort, "connects to a TCP port", TCP_PARAMETERS);

const TCP_PARAMETERS: &[Parameter] = &[
    HOST,
    PORT,
    TIMEOUT.by_name(),
    BIND_ADDRESS.by_name(),
    ATTEMPT_DELAY,
    KEEP_ALIVE,
    USER_TIMEOUT,
    DEVICE,
];

/// The release that raised the minimum TLS version of clients.
const NEWER_TLS: Change =
    Change::new((22, 8), Effect::Behaves, "TLS 1.0 and later", "TLS 1.2 and later");

/// The signature of `tcp6` clients: `tcp6:HOST:PORT`.
///
/// The endpoint is [`Tcp6Client`](crate::Tcp6Client), which has an example.
pub static TCP6: Signature = Signature {
    extension: true,
    ..Signature::client(
        "tcp6",
        HostAndPort,
        "connects to a TCP port, only over IPv6",
        TCP_PARAMETERS,
    )
};

/// The signature of `ssl` clients: `ssl:HOST:PORT`.
///
/// The endpoint is [`SslClient`](crate::SslClient), which has an example.
pub static SSL: Signature = Signature::client(
    "ssl",
    HostAndPort,
    "connects to a TCP port and speaks TLS there",
    &[
        HOST,
        PORT,
        TIMEOUT.by_name(),
        BIND_ADDRESS.by_name(),
        Parameter { name: "certKey", ..CERTIFICATE }.by_name(),
        PRIVATE_KEY.by_name(),
        Parameter { name: "caCertsDir", ..TRUST_ROOTS }.by_name(),
        Parameter::optional(
            "hostname",
            Kind::TlsHostname,
            "name that the server's certificate must be for; absent is the host",
        )
        .by_name(),
        Parameter::optional("sslContextFactory", Kind::Ignored, "without effect").by_name(),
        ALPN,
        ATTEMPT_DELAY,
        KEEP_ALIVE,
        USER_TIMEOUT,
        DEVICE,
    ],
)
.changed(&[NEWER_TLS]);

/// The signature of `unix` clients: `unix:PATH`.
///
/// The endpoint is [`UnixClient`](crate::UnixClient), which has an example.
pub static UNIX: Signature = Signature::client(
    "unix",
    Path,
    "connects to a UNIX socket",
    &[
        Parameter::required("path", Kind::Path, "path of the socket"),
        Parameter {
            alias: Some("checkPID"),
            ..Parameter::or("lockfile", Kind::Flag, "0", "require that the server holds its lock")
                .by_name()
        },
        TIMEOUT.by_name(),
        Parameter::or("abstract", Kind::Flag, "0", "the path is an abstract name instead")
            .extension(),
    ],
);

/// The signature of `tls` clients: `tls:HOST:PORT`.
///
/// The endpoint is [`TlsClient`](crate::TlsClient), which has an example.
pub static TLS: Signature = Signature::client(
    "tls",
    Call,
    "connects and speaks TLS, with the server's name verified",
    &[
        Parameter { kind: Kind::TlsHost, summary: "host to connect to and to verify", ..HOST }
            .changed(&[
                Change::new(
                    (18, 9),
                    Effect::Accepted,
                    "an IPv6 address is refused beside `endpoint` too",
                    "an IPv6 address is accepted beside `endpoint`",
                )
                .in_case(Case::Ipv6Beside("endpoint")),
                Change::new(
                    (19, 2),
                    Effect::Behaves,
                    "an address is compared with the host names of the certificate",
                    "an address is compared with the addresses of the certificate",
                ),
            ]),
        PORT,
        TIMEOUT,
        BIND_ADDRESS.changed(&[Change::new(
            (24, 10),
            Effect::Works,
            "it is accepted, and connecting raises TypeError",
            "the connection is made from this address",
        )]),
        CERTIFICATE,
        PRIVATE_KEY,
        TRUST_ROOTS,
        Parameter::optional(
            "endpoint",
            Kind::Description,
            "client description to speak TLS over, in place of TCP",
        ),
        ALPN,
        ATTEMPT_DELAY,
        KEEP_ALIVE,
        USER_TIMEOUT,
        DEVICE,
    ],
)
.taking_bytes()
.changed(&[
    NEWER_TLS,
    Change::new(
        (24, 10),
        Effect::Fails,
        "without `bindAddress` and `endpoint` it connects",
        "without `bindAddress` and `endpoint` connecting raises AttributeError",
    )
    .in_case(WITHOUT_ADDRESS),
    Change::new(
        (24, 11),
        Effect::Works,
        "without `bindAddress` and `endpoint` connecting raises AttributeError",
        "without `bindAddress` and `endpoint` it connects",
    )
    .in_case(WITHOUT_ADDRESS),
]);

const WITHOUT_ADDRESS: Case = Case::Without(&["bindAddress", "endpoint"]);

/// The signature of `stdio` clients: `stdio:`.
///
/// The endpoint is [`StdioClient`](crate::StdioClient), which has an example.
pub static STDIO: Signature = Signature {
    extension: true,
    ..Signature::client("stdio", Anything, "is standard input and output", &[])
};

/// The signature of `haproxy` clients, which wrap another client: `haproxy:CLIENT`.
///
/// See the [module](self) for an example.
pub static HAPROXY: Signature = Signature {
    extension: true,
    ..Signature::client(
        "haproxy",
        Wrapper,
        "sends the PROXY protocol's header before the data",
        &[
            Parameter::or("proxyVersion", Kind::ProxyVersion, "2", "the version to send")
                .extension(),
            Parameter::optional(
                "proxyTlvs",
                Kind::ProxyTlvs,
                "what a header of version 2 contains beside the addresses",
            )
            .extension(),
        ],
    )
};

/// The signature of `fd` clients: `fd:N`.
///
/// The endpoint is [`FdClient`](crate::FdClient), which has an example.
pub static FD: Signature = Signature {
    extension: true,
    ..Signature::client("fd", Call, "is a descriptor that is open already", &[DESCRIPTOR])
};

/// The signature of `process` clients: `process:EXECUTABLE[:ARG…]`.
///
/// The endpoint is [`ProcessClient`](crate::ProcessClient), which has an example.
pub static PROCESS: Signature = Signature {
    extension: true,
    ..Signature::client(
        "process",
        Program,
        "runs a program and is its standard input and output",
        &[
            Parameter::required("executable", Kind::Path, "program to run, without a shell")
                .leading_to(Purpose::Program),
            Parameter::optional("args", Kind::Rest, "its arguments").by_name(),
            Parameter::optional("cwd", Kind::Path, "directory to run it in")
                .leading_to(Purpose::Directory)
                .by_name(),
            Parameter::optional(
                "env",
                Kind::Repeated,
                "variable of its environment: `NAME=VALUE`, or `NAME` for the value that it has \
                 here",
            )
            .by_name(),
            Parameter::or("clearEnv", Kind::Flag, "0", "start from an empty environment").by_name(),
            Parameter::optional("uid", Kind::Id, "user to run it as").by_name(),
            Parameter::optional("gid", Kind::Id, "group to run it as").by_name(),
            Parameter::or("usePTY", Kind::Flag, "0", "run it on a terminal").by_name(),
            Parameter::or(
                "stderr",
                Kind::StandardError,
                "log",
                "destination of its standard error: `log`, `drop` or `inherit`",
            )
            .by_name(),
        ],
    )
};

/// The signature of `socks5` clients: `socks5:HOST:PORT:endpoint=PROXY`.
///
/// See the [module](self) for an example.
pub static SOCKS5: Signature = Signature {
    extension: true,
    ..Signature::client(
        "socks5",
        Call,
        "connects through a SOCKS5 proxy, which looks the host up",
        TUNNEL_PARAMETERS,
    )
};

/// The signature of `http-connect` clients: `http-connect:HOST:PORT:endpoint=PROXY`.
///
/// See the [module](self) for an example.
pub static HTTP_CONNECT: Signature = Signature {
    extension: true,
    ..Signature::client(
        "http-connect",
        Call,
        "connects through an HTTP proxy by CONNECT; the proxy looks the host up",
        TUNNEL_PARAMETERS,
    )
};

const TUNNEL_PARAMETERS: &[Parameter] = &[
    Parameter { kind: Kind::TlsHost, summary: "host that the proxy has to connect to", ..HOST },
    Parameter { summary: "TCP port that the proxy has to connect to", ..PORT },
    Parameter::required("endpoint", Kind::Description, "client description that reaches the proxy")
        .by_name(),
    Parameter::optional(
        "credentials",
        Kind::Path,
        "file with one line `user:password` for the proxy, which only its owner may read",
    )
    .leading_to(Purpose::Credentials)
    .by_name(),
];
