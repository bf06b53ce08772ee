//! The layers of endpoints: prepared once, then set up on each connection.
//!
//! Preparing a layer reads its TLS files, so it is done before listening or connecting.

pub(crate) mod error;
pub(crate) mod handshakes;
pub(crate) mod lingering_close;
mod proxy;
mod proxy_tlvs;
#[cfg(feature = "__tls")]
pub(crate) mod reloader;
#[cfg(feature = "__tls")]
mod start_tls;
mod tunnel;
pub(crate) mod wrapper;

use std::sync::Arc;

use strports_syntax::HaproxyClient;
use strports_syntax::value::{Network, ProxyVersion};

use self::error::LayerError;
use self::wrapper::{Wrapper, wrap};
use crate::error::{DescriptionProblem, Problem};
use crate::net::connection::{Connection, OriginalConnection};
use crate::net::reach::Reach;
use crate::plan::{ClientLayer, ProxyRead, ProxyWrite, ServerLayer, TunnelConnect};
use crate::proto::proxy::Version;
use crate::step::Steps;
#[cfg(feature = "__tls")]
pub(crate) use crate::tls::KeyLog;
#[cfg(feature = "__tls")]
use crate::tls::{Acceptor, Connector, check_name};

/// Stands for the log of TLS secrets in a build without TLS, where no value of it exists.
#[cfg(not(feature = "__tls"))]
#[derive(Clone)]
pub(crate) enum KeyLog {}

/// A layer of an endpoint: one of the description (`L`), or one that the program has added.
#[derive(Clone)]
pub(crate) enum Layer<L> {
    /// A layer of the description, which has to be prepared.
    Planned(L),
    /// A layer that the program has added.
    Own(Arc<dyn Wrapper>),
}

/// The layers of an endpoint, the one next to the transport first.
pub(crate) type Layers<L> = Vec<Layer<L>>;

/// Wraps the layers of a plan, to which the program may add its own.
pub(crate) fn planned<L: Clone>(layers: &[L]) -> Layers<L> {
    layers.iter().cloned().map(Layer::Planned).collect()
}

/// A layer of a server whose files, if any, have been read.
#[derive(Clone)]
pub(crate) enum ReadyServerLayer {
    /// The networks whose peers may send PROXY headers.
    Senders(Vec<Network>),
    Proxy(ProxyRead),
    #[cfg(feature = "__tls")]
    Tls(Acceptor),
}

/// A layer of a client whose files, if any, have been read.
#[derive(Clone)]
pub(crate) enum ReadyClientLayer {
    Proxy(ProxyWrite),
    Tunnel(TunnelConnect),
    #[cfg(feature = "__tls")]
    Tls(Connector),
}

/// A layer of a plan, which is checked and prepared before it is set up on connections.
pub(crate) trait Prepare: Clone + Send + Sync + 'static {
    type Ready: Send + 'static;

    /// Returns an error if this build does not support the layer, or if no connection could use it.
    fn check(&self) -> Result<(), DescriptionProblem>;

    /// Whether preparing the layer reads files.
    fn needs_files(&self) -> bool;

    /// Prepares the layer. Blocks if it reads files.
    fn prepare(&self, key_log: Option<&KeyLog>) -> Result<Self::Ready, Problem>;
}

impl Prepare for ServerLayer {
    type Ready = ReadyServerLayer;

    fn check(&self) -> Result<(), DescriptionProblem> {
        match self {
            #[cfg(not(feature = "__tls"))]
            Self::Tls(_) => Err(without_tls()),
            _ => Ok(()),
        }
    }

    fn needs_files(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    #[cfg_attr(not(feature = "__tls"), expect(unused_variables, reason = "only TLS has secrets"))]
    fn prepare(&self, key_log: Option<&KeyLog>) -> Result<ReadyServerLayer, Problem> {
        Ok(match self {
            Self::Senders(networks) => ReadyServerLayer::Senders(networks.clone()),
            Self::Proxy(plan) => ReadyServerLayer::Proxy(plan.clone()),
            #[cfg(feature = "__tls")]
            Self::Tls(plan) => ReadyServerLayer::Tls(Acceptor::load(plan, key_log)?),
            #[cfg(not(feature = "__tls"))]
            Self::Tls(_) => return Err(without_tls().into()),
            #[cfg(feature = "__tls")]
            Self::TlsWith(plan) => ReadyServerLayer::Tls(Acceptor::with_config(plan, key_log)),
        })
    }
}

impl Prepare for ClientLayer {
    type Ready = ReadyClientLayer;

    fn check(&self) -> Result<(), DescriptionProblem> {
        match self {
            #[cfg(feature = "__tls")]
            Self::Tls(plan) => check_name(&plan.name),
            #[cfg(feature = "__tls")]
            Self::TlsWith(plan) => check_name(&plan.name),
            #[cfg(not(feature = "__tls"))]
            Self::Tls(_) => Err(without_tls()),
            Self::Tunnel(plan) => tunnel::target(plan).map(drop),
            Self::Proxy(_) => Ok(()),
        }
    }

    fn needs_files(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    #[cfg_attr(not(feature = "__tls"), expect(unused_variables, reason = "only TLS has secrets"))]
    fn prepare(&self, key_log: Option<&KeyLog>) -> Result<ReadyClientLayer, Problem> {
        Ok(match self {
            Self::Proxy(plan) => ReadyClientLayer::Proxy(plan.clone()),
            Self::Tunnel(plan) => ReadyClientLayer::Tunnel(plan.clone()),
            #[cfg(feature = "__tls")]
            Self::Tls(plan) => ReadyClientLayer::Tls(Connector::load(plan, key_log)?),
            #[cfg(not(feature = "__tls"))]
            Self::Tls(_) => return Err(without_tls().into()),
            #[cfg(feature = "__tls")]
            Self::TlsWith(plan) => ReadyClientLayer::Tls(Connector::with_config(plan, key_log)?),
        })
    }
}

#[cfg(not(feature = "__tls"))]
fn without_tls() -> DescriptionProblem {
    DescriptionProblem::Unsupported { name: "ssl".to_owned() }
}

/// Checks the layers, and returns the error of the first one that cannot be used.
pub(crate) fn check_layers<L: Prepare>(layers: &[L]) -> Result<(), DescriptionProblem> {
    layers.iter().try_for_each(Prepare::check)
}

/// Whether preparing the layers reads files.
pub(crate) fn need_files<L: Prepare>(layers: &Layers<L>) -> bool {
    layers.iter().any(|it| matches!(it, Layer::Planned(layer) if layer.needs_files()))
}

/// Prepares the layers of an endpoint; files are read on a thread for blocking calls.
pub(crate) async fn ready<L: Prepare>(
    layers: &Layers<L>,
    key_log: Option<KeyLog>,
) -> Result<Layers<L::Ready>, Problem> {
    let needs_files = need_files(layers);
    let layers = layers.clone();
    let prepare = move || {
        let ready = layers.iter().map(|layer| match layer {
            Layer::Planned(layer) => layer.prepare(key_log.as_ref()).map(Layer::Planned),
            Layer::Own(wrapper) => Ok(Layer::Own(Arc::clone(wrapper))),
        });
        ready.collect()
    };
    if needs_files { smol::unblock(prepare).await } else { prepare() }
}

/// Sets up all layers on an accepted connection, in their order; the first error ends it.
pub(crate) async fn put_on_accepted(
    layers: &Layers<ReadyServerLayer>,
    mut connection: Connection,
) -> Result<Connection, LayerError> {
    for layer in layers {
        connection = match layer {
            Layer::Planned(ReadyServerLayer::Senders(networks)) => {
                proxy::check_sender(networks, connection)?
            }
            Layer::Planned(ReadyServerLayer::Proxy(plan)) => {
                proxy::read_as(plan, connection).await?
            }
            #[cfg(feature = "__tls")]
            // Boxed here and below, because the future of a TLS handshake is large and most
            // endpoints have none.
            Layer::Planned(ReadyServerLayer::Tls(acceptor)) => {
                Box::pin(acceptor.accept(connection)).await?
            }
            Layer::Own(wrapper) => wrap(&**wrapper, connection).await?,
        };
    }
    Ok(connection)
}

/// Sets up all layers on a new connection; PROXY headers describe `original`, if there is one.
pub(crate) async fn put_on_connected(
    layers: &Layers<ReadyClientLayer>,
    mut connection: Connection,
    original: Option<OriginalConnection<'_>>,
    steps: &Steps<'_>,
) -> Result<Connection, LayerError> {
    for layer in layers {
        connection = match layer {
            Layer::Planned(ReadyClientLayer::Proxy(plan)) => {
                proxy::write_as(plan, connection, original, steps).await?
            }
            Layer::Planned(ReadyClientLayer::Tunnel(plan)) => {
                // Boxed, because the future has a large buffer and most clients have no tunnel.
                Box::pin(tunnel::open(plan, connection, steps)).await?
            }
            #[cfg(feature = "__tls")]
            Layer::Planned(ReadyClientLayer::Tls(connector)) => {
                Box::pin(connector.connect(connection, steps)).await?
            }
            Layer::Own(wrapper) => wrap(&**wrapper, connection).await?,
        };
    }
    Ok(connection)
}

/// Adds the layers to the client endpoint that reaches a listener. Blocks if there is TLS.
pub(crate) fn put_on_client(layers: &Layers<ReadyServerLayer>, reach: &mut Reach) {
    for layer in layers {
        match layer {
            Layer::Planned(ReadyServerLayer::Senders(_)) | Layer::Own(_) => {}
            Layer::Planned(ReadyServerLayer::Proxy(plan)) => {
                reach.layers.push("PROXY headers".to_owned());
                reach.client = reach.client.take().map(|client| {
                    let mut haproxy = HaproxyClient::new(client);
                    if plan.version == Some(Version::V1) {
                        haproxy.proxy_version = ProxyVersion::V1;
                    }
                    haproxy.into()
                });
            }
            #[cfg(feature = "__tls")]
            Layer::Planned(ReadyServerLayer::Tls(acceptor)) => acceptor.put_on_client(reach),
        }
    }
}
