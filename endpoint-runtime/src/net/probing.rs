//! The steps of listening that a probe takes: those that open no socket and create no file.

use std::net::SocketAddr;

use super::layer::{Layers, ReadyServerLayer, put_on_client};
use super::reach::Reach;
use super::server::Server;
pub(crate) use super::transport::inherited::{look_listener, look_passed};
use super::transport::tcp;
pub(crate) use super::transport::tcp::try_bind;
pub(crate) use super::transport::unix::look_as as look_unix;
use crate::address::Address;
use crate::error::Problem;
use crate::plan::TcpListen;
#[cfg(feature = "__tls")]
use crate::tls::Acceptor;

/// The layers of a server whose files were read, to be examined by a probe.
#[derive(Default)]
pub(crate) struct ReadyServerLayers(Layers<ReadyServerLayer>);

impl ReadyServerLayers {
    /// How a client on this machine connects to an address through the layers. Blocks if there is
    /// TLS.
    pub(crate) fn reach(&self, address: &Address, takes_ipv4: bool) -> Reach {
        let mut reach = Reach::new(address, takes_ipv4);
        put_on_client(&self.0, &mut reach);
        reach
    }

    /// The TLS acceptors among the layers.
    #[cfg(feature = "__tls")]
    pub(crate) fn acceptors(&self) -> impl Iterator<Item = &Acceptor> {
        self.0.iter().filter_map(|layer| match layer {
            super::layer::Layer::Planned(ReadyServerLayer::Tls(acceptor)) => Some(acceptor),
            _ => None,
        })
    }
}

impl Server {
    /// Reads and checks the files of the layers, which is the first step of listening.
    pub(crate) async fn prepare(&self) -> Result<ReadyServerLayers, Problem> {
        self.ready().await.map(ReadyServerLayers)
    }

    /// Resolves the address that a TCP server would listen on, without opening a socket.
    pub(crate) async fn tcp_address(&self, plan: &TcpListen) -> Result<SocketAddr, Problem> {
        tcp::address_of(plan, self.names()).await
    }
}
