//! Another runtime: listens on any `tcp`, `tcp6` or `unix` description with tokio, and echoes.
#![allow(clippy::cast_sign_loss, reason = "never below 0")]

use std::{env, io, net::IpAddr};

use strports_syntax::{Parameters, ServerEndpoint, Text};
use tokio::io::{AsyncRead, AsyncWrite, copy, split};
use tokio::net::{TcpListener, TcpSocket, UnixListener, UnixSocket};

pub(crate) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

pub(crate) fn listen(description: &str) -> io::Result<Listener> {
    match ServerEndpoint::parse(description).map_err(io::Error::other)? {
        ServerEndpoint::Tcp(it) => {
            tcp(&it.interface, "0.0.0.0", it.port.value(), it.backlog.value())
        }
        ServerEndpoint::Tcp6(it) => tcp(&it.interface, "::", it.port.value(), it.backlog.value()),
        ServerEndpoint::Unix(it) => {
            let socket = UnixSocket::new_stream()?;
            socket.bind(&*it.address.to_str_lossy())?;
            Ok(Listener::Unix(socket.listen(it.backlog.value().max(0) as u32)?))
        }
        other => Err(io::Error::other(format!(
            "`{}` is none of `tcp`, `tcp6`, `unix`",
            other.signature().name
        ))),
    }
}

fn tcp(interface: &Text<'_>, every: &str, port: u16, backlog: i32) -> io::Result<Listener> {
    let interface = if interface.is_empty() { every.into() } else { interface.to_str_lossy() };
    let address: IpAddr = interface.parse().map_err(io::Error::other)?;
    let socket = if address.is_ipv6() { TcpSocket::new_v6()? } else { TcpSocket::new_v4()? };
    socket.set_reuseaddr(true)?;
    socket.bind((address, port).into())?;
    Ok(Listener::Tcp(socket.listen(backlog.max(0) as u32)?))
}

pub(crate) async fn echo(listener: &Listener) -> io::Result<u64> {
    async fn back(stream: impl AsyncRead + AsyncWrite) -> io::Result<u64> {
        let (mut reader, mut writer) = split(stream);
        copy(&mut reader, &mut writer).await
    }
    match listener {
        Listener::Tcp(listener) => back(listener.accept().await?.0).await,
        Listener::Unix(listener) => back(listener.accept().await?.0).await,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let listener = listen(&env::args().nth(1).unwrap_or("tcp:0:interface=127.0.0.1".into()))?;
    loop {
        echo(&listener).await?;
    }
}
