//! The types of packages: `third_party.toml` as a table in Rust.
//!
//! A test of `generate.rs` writes this file.

use std::net::{IpAddr, Ipv4Addr};

use super::declared::{Declared, Listens, ListensOn};
use strports_syntax::signature::{Condition, Joined, Kind, Package, Parameter, Words};
use strports_syntax::{Role, Signature};

pub(super) const THIRD_PARTY: &[Declared] = &[
    Declared {
        signature: &Signature::plugin(
            Role::Server,
            "onion",
            "listens as a Tor onion service",
            &[
                Parameter::required("public_port", Kind::Port, "port of the onion service"),
                Parameter::optional(
                    "localPort",
                    Kind::Port,
                    "local TCP port that Tor forwards to; absent is a free one",
                ),
                Parameter::optional(
                    "controlPort",
                    Kind::Text,
                    "TCP port on 127.0.0.1, or path of the UNIX socket, of a \
                     running Tor's control port; absent launches one",
                )
                .absent_if_empty(),
                Parameter::optional(
                    "hiddenServiceDir",
                    Kind::Path,
                    "directory of the service's keys; absent is an ephemeral \
                     service",
                ),
                Parameter::optional(
                    "privateKey",
                    Kind::Text,
                    "key blob as Tor's ADD_ONION takes it: `ED25519-V3:…`, its \
                     colon escaped",
                ),
                Parameter::optional(
                    "privateKeyFile",
                    Kind::Path,
                    "file of the service's private key",
                ),
                Parameter::optional(
                    "version",
                    Kind::Word(&Words::new(&["2", "3"]).as_integers()),
                    "version of onion services",
                ),
                Parameter::or(
                    "singleHop",
                    Kind::Word(&Words::new(&["false", "true", "0", "1"]).in_any_case().trimmed()),
                    "false",
                    "trade the service's anonymity for speed",
                ),
            ],
        )
        .from_package(Package { name: "txtorcon", version: Some("26.6.0") })
        .excluding(&[
            &[
                Condition { parameter: "privateKey", value: None },
                Condition { parameter: "privateKeyFile", value: None },
                Condition { parameter: "hiddenServiceDir", value: None },
            ],
            &[
                Condition { parameter: "singleHop", value: Some("true") },
                Condition { parameter: "hiddenServiceDir", value: None },
            ],
            &[
                Condition { parameter: "singleHop", value: Some("1") },
                Condition { parameter: "hiddenServiceDir", value: None },
            ],
        ]),
        note: None,
        also: &[],
        source: Some("txtorcon/endpoints.py"),
        python: None,
        notes: &[
            None,
            None,
            Some(
                "an integer is a port; anything else is a path, put into \
                     `unix:path=` unescaped",
            ),
            Some("`~` is expanded"),
            None,
            Some("read while parsing"),
            None,
            None,
        ],
        listens: Some(Listens {
            port: "localPort",
            on: ListensOn::Address(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        }),
    },
    Declared {
        signature: &Signature::plugin(
            Role::Client,
            "tor",
            "connects through Tor",
            &[
                Parameter::required(
                    "host",
                    Kind::Host,
                    "host to connect to, an onion service or any other",
                ),
                Parameter::required("port", Kind::Port, "port to connect to"),
                Parameter::optional(
                    "socksHostname",
                    Kind::Host,
                    "host of Tor's SOCKS port; without effect unless `socksPort` \
                     is given",
                ),
                Parameter::optional(
                    "socksPort",
                    Kind::Port,
                    "Tor's SOCKS port; absent tries 9050 and 9150",
                ),
                Parameter::optional(
                    "socksUsername",
                    Kind::Text,
                    "user name for SOCKS; streams of other users take other \
                     circuits",
                ),
                Parameter::optional("socksPassword", Kind::Text, "password for SOCKS"),
            ],
        )
        .from_package(Package { name: "txtorcon", version: Some("26.6.0") }),
        note: None,
        also: &[],
        source: Some("txtorcon/endpoints.py"),
        python: None,
        notes: &[None, None, None, None, None, None],
        listens: None,
    },
    Declared {
        signature: &Signature::plugin(
            Role::Server,
            "txsni",
            "listens for TLS connections, with a certificate from a \
                     directory chosen by the requested name",
            &[Parameter::required("pemdir", Kind::Path, "directory of `HOST.pem` files")],
        )
        .from_package(Package { name: "txsni", version: Some("0.2.0") })
        .around(Joined { role: Role::Server, escapes: ":" }),
        note: None,
        also: &[],
        source: Some("txsni/parser.py"),
        python: None,
        notes: &[Some(
            "`~` is expanded; the keyword works only where no positional \
                     argument is left, and then the description inside is empty \
                     and refused",
        )],
        listens: None,
    },
    Declared {
        signature: &Signature::plugin(
            Role::Server,
            "le",
            "listens for TLS connections, with certificates that Let's \
                     Encrypt issues on demand",
            &[
                Parameter::required(
                    "pemdir",
                    Kind::Path,
                    "directory of the account's key and of `HOST.pem` files",
                ),
                Parameter::or(
                    "timeout",
                    Kind::Text,
                    "40",
                    "seconds that a request to the authority may take",
                )
                .by_name(),
            ],
        )
        .from_package(Package { name: "txacme", version: Some("0.9.3") })
        .around(Joined { role: Role::Server, escapes: ":" }),
        note: None,
        also: &[],
        source: Some("txacme/endpoint.py, txacme/_endpoint_parser.py"),
        python: Some("up to 3.9"),
        notes: &[
            Some("the account's key is made while parsing where there is none"),
            Some(
                "kept as text, so that each request fails; it never reaches \
                     the description inside",
            ),
        ],
        listens: None,
    },
    Declared {
        signature: &Signature::plugin(
            Role::Server,
            "lets",
            "listens for TLS connections, with certificates from the \
                     staging service of Let's Encrypt",
            &[
                Parameter::required(
                    "pemdir",
                    Kind::Path,
                    "directory of the account's key and of `HOST.pem` files",
                ),
                Parameter::or(
                    "timeout",
                    Kind::Text,
                    "40",
                    "seconds that a request to the authority may take",
                )
                .by_name(),
            ],
        )
        .from_package(Package { name: "txacme", version: Some("0.9.3") })
        .around(Joined { role: Role::Server, escapes: ":" }),
        note: None,
        also: &[],
        source: Some("txacme/endpoint.py, txacme/_endpoint_parser.py"),
        python: Some("up to 3.9"),
        notes: &[
            Some("the account's key is made while parsing where there is none"),
            Some(
                "kept as text, so that each request fails; it never reaches \
                     the description inside",
            ),
        ],
        listens: None,
    },
    Declared {
        signature: &Signature::plugin(
            Role::Server,
            "autobahn",
            "carries a stream over WebSocket",
            &[
                Parameter::required(
                    "description",
                    Kind::Description,
                    "description to speak WebSocket over, its colons and equals \
                     signs escaped",
                ),
                Parameter::required("url", Kind::Text, "WebSocket URL, its colons escaped")
                    .by_name(),
                Parameter::optional(
                    "compression",
                    Kind::Word(&Words::new(&["false", "true"]).in_any_case().trimmed()),
                    "offer compression",
                )
                .by_name(),
                Parameter::optional(
                    "autofrag",
                    Kind::Number,
                    "bytes of a frame at most; 0 is unlimited",
                )
                .by_name(),
                Parameter::optional("subprotocol", Kind::Text, "WebSocket subprotocol").by_name(),
                Parameter::optional(
                    "debug",
                    Kind::Word(&Words::new(&["false", "true"]).in_any_case().trimmed()),
                    "without effect: it makes listening or connecting fail",
                )
                .by_name(),
            ],
        )
        .from_package(Package { name: "autobahn", version: Some("26.10.2") })
        .ignoring_keywords(),
        note: None,
        also: &[],
        source: Some("twisted/plugins/autobahn_endpoints.py"),
        python: None,
        notes: &[
            None,
            Some("looked at when it listens or connects"),
            None,
            None,
            Some("lower-cased, white space around it is dropped"),
            Some("the factory that receives it has no such argument"),
        ],
        listens: None,
    },
    Declared {
        signature: &Signature::plugin(
            Role::Client,
            "autobahn",
            "carries a stream over WebSocket",
            &[
                Parameter::required(
                    "description",
                    Kind::Description,
                    "description to speak WebSocket over, its colons and equals \
                     signs escaped",
                )
                .by_place(),
                Parameter::required("url", Kind::Text, "WebSocket URL, its colons escaped")
                    .by_name(),
                Parameter::optional(
                    "compression",
                    Kind::Word(&Words::new(&["false", "true"]).in_any_case().trimmed()),
                    "offer compression",
                )
                .by_name(),
                Parameter::optional(
                    "autofrag",
                    Kind::Number,
                    "bytes of a frame at most; 0 is unlimited",
                )
                .by_name(),
                Parameter::optional("subprotocol", Kind::Text, "WebSocket subprotocol").by_name(),
                Parameter::optional(
                    "debug",
                    Kind::Word(&Words::new(&["false", "true"]).in_any_case().trimmed()),
                    "without effect: it makes listening or connecting fail",
                )
                .by_name(),
            ],
        )
        .from_package(Package { name: "autobahn", version: Some("26.10.2") })
        .ignoring_keywords(),
        note: None,
        also: &[],
        source: Some("twisted/plugins/autobahn_endpoints.py"),
        python: None,
        notes: &[
            None,
            Some("looked at when it listens or connects"),
            None,
            None,
            Some("lower-cased, white space around it is dropped"),
            Some("the factory that receives it has no such argument"),
        ],
        listens: None,
    },
    Declared {
        signature: &Signature::plugin(
            Role::Client,
            "i2p",
            "connects through I2P",
            &[
                Parameter::required("host", Kind::Host, "I2P host name or destination"),
                Parameter::optional("port", Kind::Port, "port inside I2P").absent_if_empty(),
                Parameter::or(
                    "api",
                    Kind::Word(&Words::new(&["SAM", "BOB"])),
                    "SAM",
                    "API of the I2P router",
                )
                .absent_if_empty(),
                Parameter::optional(
                    "apiEndpoint",
                    Kind::ClientDescription,
                    "client description of the API; absent is \
                     `tcp:127.0.0.1:7656` for SAM, `tcp:127.0.0.1:2827` for BOB",
                )
                .absent_if_empty()
                .with(Condition { parameter: "api", value: None }),
                Parameter::optional("nickname", Kind::Text, "name of the SAM session")
                    .by_name()
                    .with(Condition { parameter: "api", value: Some("SAM") }),
                Parameter::optional(
                    "autoClose",
                    Kind::Text,
                    "close the session with its last connection",
                )
                .by_name()
                .with(Condition { parameter: "api", value: Some("SAM") }),
                Parameter::optional(
                    "keyfile",
                    Kind::Path,
                    "file of the session's keys, made where it is missing",
                )
                .by_name()
                .with(Condition { parameter: "api", value: Some("SAM") }),
                Parameter::optional("localPort", Kind::Port, "port inside I2P to connect from")
                    .by_name()
                    .absent_if_empty()
                    .with(Condition { parameter: "api", value: Some("SAM") }),
                Parameter::optional(
                    "options",
                    Kind::Pairs,
                    "I2CP options, `NAME:VALUE` separated by commas, the colons \
                     escaped",
                )
                .by_name(),
                Parameter::optional("sigType", Kind::Text, "signature type of a new destination")
                    .by_name()
                    .with(Condition { parameter: "api", value: Some("SAM") }),
                Parameter::optional("tunnelNick", Kind::Text, "name of the BOB tunnel")
                    .by_name()
                    .with(Condition { parameter: "api", value: Some("BOB") }),
                Parameter::or("inhost", Kind::Host, "localhost", "host of the tunnel's entry")
                    .by_name()
                    .with(Condition { parameter: "api", value: Some("BOB") }),
                Parameter::optional("inport", Kind::Port, "port of the tunnel's entry")
                    .by_name()
                    .absent_if_empty()
                    .with(Condition { parameter: "api", value: Some("BOB") }),
            ],
        )
        .from_package(Package { name: "txi2p-tahoe", version: Some("0.3.7") }),
        note: None,
        also: &["txi2p 0.3.2"],
        source: Some("txi2p/plugins.py"),
        python: None,
        notes: &[
            None,
            None,
            None,
            None,
            None,
            Some(
                "kept as text: every text but the empty one is true, `false` \
                     too",
            ),
            None,
            None,
            Some("txi2p 0.3.2 keeps it as text"),
            None,
            None,
            None,
            None,
        ],
        listens: None,
    },
    Declared {
        signature: &Signature::plugin(
            Role::Server,
            "i2p",
            "listens on an I2P destination",
            &[
                Parameter::required(
                    "keyfile",
                    Kind::Path,
                    "file of the destination's keys, made where it is missing",
                ),
                Parameter::optional("port", Kind::Port, "port inside I2P").absent_if_empty(),
                Parameter::or(
                    "api",
                    Kind::Word(&Words::new(&["SAM", "BOB"])),
                    "SAM",
                    "API of the I2P router",
                )
                .absent_if_empty(),
                Parameter::optional(
                    "apiEndpoint",
                    Kind::ClientDescription,
                    "client description of the API; absent is \
                     `tcp:127.0.0.1:7656` for SAM, `tcp:127.0.0.1:2827` for BOB",
                )
                .absent_if_empty()
                .with(Condition { parameter: "api", value: None }),
                Parameter::optional("nickname", Kind::Text, "name of the SAM session")
                    .by_name()
                    .with(Condition { parameter: "api", value: Some("SAM") }),
                Parameter::optional(
                    "autoClose",
                    Kind::Text,
                    "close the session with its last connection",
                )
                .by_name()
                .with(Condition { parameter: "api", value: Some("SAM") }),
                Parameter::optional(
                    "options",
                    Kind::Pairs,
                    "I2CP options, `NAME:VALUE` separated by commas, the colons \
                     escaped",
                )
                .by_name(),
                Parameter::optional("sigType", Kind::Text, "signature type of a new destination")
                    .by_name()
                    .with(Condition { parameter: "api", value: Some("SAM") }),
                Parameter::optional("tunnelNick", Kind::Text, "name of the BOB tunnel")
                    .by_name()
                    .with(Condition { parameter: "api", value: Some("BOB") }),
                Parameter::or("outhost", Kind::Host, "localhost", "host that the tunnel leads to")
                    .by_name()
                    .with(Condition { parameter: "api", value: Some("BOB") }),
                Parameter::optional("outport", Kind::Port, "port that the tunnel leads to")
                    .by_name()
                    .absent_if_empty()
                    .with(Condition { parameter: "api", value: Some("BOB") }),
            ],
        )
        .from_package(Package { name: "txi2p-tahoe", version: Some("0.3.7") }),
        note: None,
        also: &["txi2p 0.3.2"],
        source: Some("txi2p/plugins.py"),
        python: None,
        notes: &[
            None,
            None,
            None,
            None,
            None,
            Some(
                "kept as text: every text but the empty one is true, `false` \
                     too",
            ),
            Some("txi2p 0.3.2 keeps it as text"),
            None,
            None,
            None,
            None,
        ],
        listens: None,
    },
    Declared {
        signature: &Signature::plugin(
            Role::Server,
            "fd",
            "listens on a socket that is open already",
            &[
                Parameter::required("fileno", Kind::Number, "number of the descriptor"),
                Parameter::or(
                    "domain",
                    Kind::Ignored,
                    "2",
                    "address family; the default is IPv4, and any text makes \
                     listening fail",
                ),
            ],
        )
        .from_package(Package { name: "daphne", version: Some("4.2.3") }),
        note: None,
        also: &[],
        source: Some("twisted/plugins/fd_endpoint.py"),
        python: None,
        notes: &[None, None],
        listens: None,
    },
    Declared {
        signature: &Signature::plugin(
            Role::Client,
            "exiftool",
            "runs exiftool and is its standard input and output",
            &[Parameter::optional(
                "executable",
                Kind::Path,
                "path of exiftool; absent is the one in PATH",
            )
            .absent_if_empty()],
        )
        .from_package(Package { name: "txexiftool", version: Some("0.1.3") }),
        note: None,
        also: &[],
        source: Some("twisted/plugins/txexiftool.py"),
        python: None,
        notes: &[None],
        listens: None,
    },
    Declared {
        signature: &Signature::plugin(
            Role::Server,
            "sockjs",
            "carries a stream over SockJS",
            &[
                Parameter::required(
                    "description",
                    Kind::ServerDescription,
                    "server description to speak SockJS over, its colons and \
                     equals signs escaped",
                ),
                Parameter::optional("websocket", Kind::Text, "offer WebSocket").by_name(),
                Parameter::optional(
                    "cookie_needed",
                    Kind::Text,
                    "set a cookie for the load balancer",
                )
                .by_name(),
                Parameter::optional("heartbeat", Kind::Ignored, "seconds between heartbeats")
                    .by_name()
                    .with(Condition { parameter: "websocket", value: None }),
                Parameter::optional(
                    "timeout",
                    Kind::Seconds,
                    "seconds until a session without a connection ends",
                )
                .by_name(),
                Parameter::optional(
                    "streaming_limit",
                    Kind::Number,
                    "bytes that a streaming response may have",
                )
                .by_name(),
                Parameter::or("encoding", Kind::Text, "cp1252", "encoding of the text").by_name(),
                Parameter::optional(
                    "sockjs_url",
                    Kind::Text,
                    "URL of the client's script, its colon escaped",
                )
                .by_name(),
                Parameter::optional(
                    "proxy_header",
                    Kind::Text,
                    "HTTP header that names the peer behind a proxy",
                )
                .by_name(),
            ],
        )
        .from_package(Package { name: "txsockjs", version: Some("1.2.2") })
        .ignoring_keywords(),
        note: None,
        also: &[],
        source: Some("twisted/plugins/sockjs_endpoints.py"),
        python: Some("2"),
        notes: &[
            None,
            Some("true for `true`, ignoring case; false for every other text"),
            Some("true for `true`, ignoring case; false for every other text"),
            Some("the parser takes the value of `websocket` instead: 0 or 1"),
            None,
            None,
            None,
            None,
            None,
        ],
        listens: None,
    },
    Declared {
        signature: &Signature::plugin(
            Role::Server,
            "x-onion",
            "listens as a Tor onion service with a key from a file",
            &[
                Parameter::required("public_port", Kind::Port, "port of the onion service"),
                Parameter::required(
                    "privateKeyPath",
                    Kind::Path,
                    "file of the service's ed25519 key, as Tor writes it",
                ),
                Parameter::optional(
                    "localPort",
                    Kind::Port,
                    "local TCP port that Tor forwards to; absent is a free one",
                ),
                Parameter::optional(
                    "controlPort",
                    Kind::Text,
                    "TCP port on 127.0.0.1, or path of the UNIX socket, of a \
                     running Tor's control port; absent launches one",
                )
                .absent_if_empty(),
            ],
        )
        .from_package(Package { name: "txxonion", version: Some("0.1") }),
        note: None,
        also: &[],
        source: Some("twisted/plugins/onion_service_endpoint_dropin.py"),
        python: Some("2"),
        notes: &[
            None,
            Some("read while parsing"),
            None,
            Some(
                "an integer is a port; anything else is a path, put into \
                     `unix:path=` unescaped",
            ),
        ],
        listens: Some(Listens {
            port: "localPort",
            on: ListensOn::Address(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        }),
    },
    Declared {
        signature: &Signature::plugin(
            Role::Server,
            "adopt-socket",
            "listens on a TCP socket that is open already",
            &[Parameter::required("fd", Kind::Number, "number of the descriptor, an IPv4 socket")],
        )
        .from_package(Package { name: "tahoe-lafs", version: Some("1.20.0") }),
        note: Some(
            "a plugin of its tests; its connection hints `tor:` and \
                     `i2p:` are no descriptions of Twisted",
        ),
        also: &[],
        source: Some("allmydata/test/common.py"),
        python: None,
        notes: &[Some("duplicated while parsing")],
        listens: None,
    },
];
