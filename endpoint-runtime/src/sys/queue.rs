//! The send queue of a TCP socket: bytes that the peer has not acknowledged.

use std::io;
use std::os::fd::AsFd;

use libc::{TIOCOUTQ, c_int};
use rustix::ioctl::{Getter, Opcode, ioctl};

/// The number of bytes that the peer of a TCP connection has not acknowledged.
pub(crate) fn unacknowledged(socket: impl AsFd) -> io::Result<u64> {
    // tcp(7): "SIOCOUTQ. Returns the amount of unsent data in the socket send queue". It includes
    // data that is sent but not acknowledged. The number of the request is that of TIOCOUTQ.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "libc has requests as wide as a register, or not"
    )]
    const OPCODE: Opcode = TIOCOUTQ as Opcode;
    // SAFETY: on every system that has it, the request writes one int, for which `Getter` has room.
    let waiting = unsafe { ioctl(socket, Getter::<OPCODE, c_int>::new()) }?;
    Ok(u64::try_from(waiting).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn unacknowledged_bytes_are_counted() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut theirs, _) = listener.accept().unwrap();
        assert_eq!(unacknowledged(&ours).unwrap(), 0);
        // Writes until the receive window of the peer, which does not read, is full.
        ours.set_nonblocking(true).unwrap();
        let mut written = 0;
        while let Ok(more) = ours.write(&[0; 8192]) {
            written += more;
        }
        assert!(unacknowledged(&ours).unwrap() > 0);
        theirs.read_exact(&mut vec![0; written]).unwrap();
        while unacknowledged(&ours).unwrap() > 0 {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_file_that_is_not_a_socket_is_refused() {
        assert!(unacknowledged(std::fs::File::open("/dev/null").unwrap()).is_err());
    }
}
