//! The purposes of files and directories that a description names.

/// What must exist at the path that is the value of a [`Parameter`](super::Parameter).
///
/// The path of a client's socket has no purpose, because the server may start later.
///
/// ```
/// use strports_syntax::signature::{Purpose, client, server};
/// let purpose = |name| server::SSL.parameter(name).unwrap().purpose;
/// assert_eq!(purpose("privateKey"), Some(Purpose::PrivateKey));
/// assert_eq!(purpose("interface"), None);
/// assert_eq!(client::UNIX.parameter("path").unwrap().purpose, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// A PEM file with the private key of the certificate to present.
    PrivateKey,
    /// A PEM file with the certificate to present to the peer.
    Certificate,
    /// A PEM file with the intermediate certificates to send.
    Chain,
    /// A PEM file, or a directory of PEM files, with certificates and their keys. The name that a
    /// client requests (SNI) selects one.
    Identities,
    /// A PEM file, or a directory of PEM files, with certificates of authorities to trust.
    Authorities,
    /// A PEM file with Diffie-Hellman parameters.
    DhParameters,
    /// A socket that the server creates: only its directory must exist.
    NewSocket,
    /// A program: a path, or a name to search for in `PATH`.
    Program,
    /// The working directory of a program to run.
    Directory,
    /// A file with the user name and the password for a proxy.
    Credentials,
}
