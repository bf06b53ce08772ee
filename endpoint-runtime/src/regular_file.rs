//! Opens files without blocking.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::reserve::with_borrowed;

/// Opens a regular file; `None` if the path leads to something else.
///
/// Never blocks: opening a FIFO, for example, would wait for a writer.
pub(crate) fn open_regular(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let open = || rustix::fs::open(path, flags, Mode::empty());
    let file = File::from(with_borrowed(1, open, |error| *error == Errno::MFILE)?);
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}
