//! What keeps TLS from coming about: files on this machine, and what the other side does.

mod file;
mod peer;

pub(crate) use self::file::Date;
pub use self::file::{PemDamage, TlsFileProblem};
pub use self::peer::{CertificateRole, TlsProblem};
