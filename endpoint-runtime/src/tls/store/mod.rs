//! The files of certificates, keys and trust anchors that a server or a client uses.
//!
//! 1. [`sources`](mod@sources) lists the files: those of a certificate, a directory, and trust
//!    anchors.
//! 2. [`search`](mod@search) finds the files of a directory, [`file`](mod@file) reads a file, and
//!    [`pem`] parses it; [`reader`](mod@reader) limits the time for that.
//! 3. [`identity`](mod@identity) is a certificate with its chain and key; [`key_pairs`] builds the
//!    identities of a directory; [`index`] selects one by name or address.
//! 4. [`retain`](mod@retain) keeps identities whose files are being replaced.
//! 5. [`reload`] holds the current state and reloads it; [`watch`] reloads it when files change.
//!
//! An unusable file in a directory is reported, and the others are used.

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
