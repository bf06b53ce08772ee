//! Reads the file of the credentials for a proxy.

use std::fs::Metadata;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::error::{CredentialsProblem, EnvironmentProblem};
use crate::proto::tunnel::Credentials;
use crate::regular_file::open_regular;

/// The longest line that is read: user name, password and the end of the line.
const MAX_LINE: usize = 8 * 1024;

/// What users other than the owner must not be allowed: to read, and to change.
const OF_OTHERS: u32 = 0o066;

/// Reads the one line of the file. Blocks as long as the file system does.
///
/// # Errors
///
/// A file that is not there, that others may read or write, or that holds something else.
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

/// Checked on the open file: the one at the path may be another by now.
fn check_permissions(metadata: &Metadata) -> Result<(), CredentialsProblem> {
    let mode = metadata.permissions().mode() & 0o777;
    if mode & OF_OTHERS == 0 { Ok(()) } else { Err(CredentialsProblem::OpenToOthers { mode }) }
}
