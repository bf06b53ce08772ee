//! Opens files without blocking.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// Opens a regular file; `None` if the path leads to something else.
///
/// Never blocks: opening a FIFO, for example, would wait for a writer.
pub(crate) fn open_regular(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}
