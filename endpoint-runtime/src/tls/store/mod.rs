//! The files of certificates, keys and trust anchors behind a server or a client.
//!
//! 1. [`sources`](mod@sources) names the files: those of one certificate, a directory of them, and
//!    trust anchors.
//! 2. [`search`](mod@search) finds the files of a directory, [`file`](mod@file) opens and reads
//!    one, and [`pem`] parses it; [`reader`](mod@reader) limits the time that this may take.
//! 3. [`identity`](mod@identity) is a certificate with its chain and key; [`key_pairs`] makes
//!    identities of everything in a directory; [`index`] selects one by name or address.
//! 4. [`retain`](mod@retain) keeps identities whose files are being replaced.
//! 5. [`reload`] holds what is in use and reads it again; [`watch`] does so when files change.
//!
//! A file of a directory that cannot be used is reported, and the others are used.

pub(super) mod directory;
pub(super) mod file;
pub(super) mod identity;
pub(super) mod index;
mod key_pairs;
pub(super) mod pem;
pub(super) mod reader;
pub(super) mod reload;
pub(super) mod retain;
pub(super) mod search;
pub(super) mod sources;
pub(super) mod trust_anchors;
pub(super) mod unsettled;
pub(super) mod watch;
