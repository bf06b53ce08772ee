//! What the paths of a description lead to.

/// What the path of a [`Parameter`](super::Parameter) leads to, if it must exist beforehand.
///
/// The socket that a client connects to has none, as the server may start later.
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
    /// A PEM file with a private key.
    PrivateKey,
    /// A PEM file with the certificate to show.
    Certificate,
    /// A PEM file with the certificates above the one to show.
    Chain,
    /// A PEM file, or a directory of them, with certificates and their keys, one of which is shown.
    Identities,
    /// A PEM file, or a directory of them, with the certificates to trust.
    Authorities,
    /// A PEM file with Diffie-Hellman parameters.
    DhParameters,
    /// A socket that is yet to be made: the directory above it has to be there.
    NewSocket,
    /// A program: a path, or a name to look up.
    Program,
    /// A directory to run a program in.
    Directory,
    /// A file with the user name and the password for a proxy.
    Credentials,
}
