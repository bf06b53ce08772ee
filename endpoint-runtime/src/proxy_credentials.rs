//! Reads the file with the user name and password for a proxy.

use std::fs::Metadata;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::error::{CredentialsProblem, EnvironmentProblem};
use crate::proto::tunnel::Credentials;
use crate::regular_file::open_regular;

/// The longest line in bytes: user name, password and the end of the line.
const MAX_LINE: usize = 8 * 1024;

/// Permissions that users other than the owner must not have: to read and to write.
const OF_OTHERS: u32 = 0o066;

/// Reads the single line of the file. Blocks as long as the file system does.
///
/// # Errors
///
/// Returns an error if the file does not exist, if other users may read or write it, or if its
/// content is invalid.
pub(crate) fn read_credentials(path: &Path) -> Result<Credentials, EnvironmentProblem> {
    read(path).map_err(|problem| EnvironmentProblem::Credentials { path: path.into(), problem })
}

fn read(path: &Path) -> Result<Credentials, CredentialsProblem> {
    let opened = open_regular(path).map_err(CredentialsProblem::Unreadable)?;
    let (file, metadata) = opened.ok_or(CredentialsProblem::NotAFile)?;
    check_permissions(&metadata)?;
    let mut line = Vec::new();
    let limit = MAX_LINE as u64 + 1;
    file.take(limit).read_to_end(&mut line).map_err(CredentialsProblem::Unreadable)?;
    if line.len() > MAX_LINE {
        return Err(CredentialsProblem::TooLong { limit: MAX_LINE });
    }
    Ok(Credentials::parse(&line)?)
}

/// Returns an error if users other than the owner may read or write the file.
///
/// The metadata is that of the open file, because the path may lead to another one by now.
fn check_permissions(metadata: &Metadata) -> Result<(), CredentialsProblem> {
    let mode = metadata.permissions().mode() & 0o777;
    if mode & OF_OTHERS == 0 { Ok(()) } else { Err(CredentialsProblem::OpenToOthers { mode }) }
}
