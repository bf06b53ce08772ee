//! `socks5` and `http-connect`: connections through a proxy; both are extensions.

use alloc::boxed::Box;

use super::ClientEndpoint;
use super::field::fields;
use crate::Text;
use crate::signature::client;
use crate::value::{Host, Port};

macro_rules! tunnel {
    ($(#[$doc:meta])* $Type:ident = $SIGNATURE:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub struct $Type<'a> {
            /// The host that the proxy connects to; the proxy resolves the name.
            pub host: Host<'a>,
            /// The port that the proxy connects to.
            pub port: Port<'a>,
            /// The endpoint that connects to the proxy itself.
            pub endpoint: Box<ClientEndpoint<'a>>,
            /// The file with the user name and the password for the proxy; `None` sends neither.
            pub credentials: Option<Text<'a>>,
        }

        impl<'a> $Type<'a> {
            /// Creates an endpoint that connects to `port` of `host` through the proxy at
            /// `endpoint`.
            pub fn new(
                host: Host<'a>,
                port: u16,
                endpoint: impl Into<ClientEndpoint<'a>>,
            ) -> Self {
                let endpoint = Box::new(endpoint.into());
                Self { host, port: Port::new(port), endpoint, credentials: None }
            }
        }

        fields!(
            $Type = $SIGNATURE {
                host: "host",
                port: "port",
                endpoint: "endpoint",
                credentials: "credentials" as Text<'a>,
            }
        );
    };
}

tunnel! {
    /// Connects to a host through a SOCKS5 proxy.
    ///
    /// ```
    /// use strports_syntax::{Socks5Client, TcpClient, value::Host};
    /// let host = Host::new("example.com").unwrap();
    /// let endpoint = Socks5Client::new(host, 80, TcpClient::new("proxy", 1080));
    /// assert_eq!(endpoint.to_string(), r"socks5:example.com:80:endpoint=tcp\:proxy\:1080");
    /// ```
    Socks5Client = client::SOCKS5
}

tunnel! {
    /// Connects to a host through an HTTP proxy, with the method CONNECT.
    ///
    /// ```
    /// use strports_syntax::{HttpConnectClient, TcpClient, value::Host};
    /// let host = Host::new("::1").unwrap();
    /// let endpoint = HttpConnectClient::new(host, 80, TcpClient::new("proxy", 8080));
    /// assert_eq!(endpoint.to_string(), r"http-connect:\:\:1:80:endpoint=tcp\:proxy\:8080");
    /// ```
    HttpConnectClient = client::HTTP_CONNECT
}
