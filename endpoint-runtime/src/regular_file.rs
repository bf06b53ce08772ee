//! Opens files without blocking on pipes and devices.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::reserve::with_borrowed;

/// Opens a regular file for reading; `None` if the path leads to another kind of file.
///
/// `O_NONBLOCK` keeps `open` from blocking: for a FIFO, it would wait for a writer.
pub(crate) fn open_regular(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let open = || rustix::fs::open(path, flags, Mode::empty());
    let file = File::from(with_borrowed(1, open, |error| *error == Errno::MFILE)?);
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}
