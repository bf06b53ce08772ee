//! The bare loop: TLS termination with futures-rustls on smol, without limits, logs or reloads.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_rustls::TlsAcceptor;
use smol::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use smol::{Async, LocalExecutor, future};

use crate::Fallible;
use crate::crypto::{Identity, Provider};

const BUFFER: usize = 64 * 1024;
/// How many buffers a direction copies before it yields to other tasks.
const ROUNDS: u64 = 16;

/// Terminates TLS on `port`, and relays each connection to the port `target`. Returns only an
/// error.
pub(crate) fn serve(
    provider: Provider,
    identity: &Identity,
    port: u16,
    target: u16,
) -> Fallible<()> {
    let acceptor = TlsAcceptor::from(identity.server(provider)?);
    let executor = LocalExecutor::new();
    smol::block_on(executor.run(async {
        let listener = Async::<TcpListener>::bind((Ipv4Addr::LOCALHOST, port))?;
        loop {
            let (stream, _) = listener.accept().await?;
            let acceptor = acceptor.clone();
            let join = async move {
                // An error of a connection ends only that one.
                let _ = join(&acceptor, stream, (Ipv4Addr::LOCALHOST, target).into()).await;
            };
            executor.spawn(join).detach();
        }
    }))
}

async fn join(
    acceptor: &TlsAcceptor,
    stream: Async<TcpStream>,
    target: SocketAddr,
) -> io::Result<()> {
    stream.get_ref().set_nodelay(true)?;
    let tls = acceptor.accept(Ending(stream)).await?;
    let onward = Async::<TcpStream>::connect(target).await?;
    onward.get_ref().set_nodelay(true)?;
    let ended = || async { onward.get_ref().shutdown(Shutdown::Write) };
    let (from_client, mut to_client) = split(tls);
    let up = async {
        copy(from_client, &onward).await?;
        ended().await
    };
    let down = async {
        copy(&onward, &mut to_client).await?;
        to_client.close().await
    };
    future::try_zip(up, down).await?;
    Ok(())
}

async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    for round in 1_u64.. {
        if round % ROUNDS == 0 {
            future::yield_now().await;
        }
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..read]).await?;
        to.flush().await?;
    }
    Ok(())
}

/// A socket that shuts down its write side in `poll_close`. `Async` would do nothing there.
struct Ending(Async<TcpStream>);

impl AsyncRead for Ending {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Ending {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.get_ref().shutdown(Shutdown::Write))
    }
}
