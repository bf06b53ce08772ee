//! The output of `explain`, `types` and `convert` as data, for terminals, editors, web pages and
//! bindings of other languages.
//!
//! [`check`] checks a description with the built-in types and those of packages. [`lines`] returns
//! its parts with their meanings, [`sentence`] the behavior of the endpoint. [`Explained`],
//! [`types()`] and [`Converted`] serialize to the JSON of the commands. The module opens no file
//! and no socket, compiles no C, and builds for WebAssembly.
//!
//! ```
//! use strports::describe::{Explained, check, lines, sentence};
//!
//! let (report, both) = check(b"unix:/run/app.sock", None);
//! assert!(both); // it also fits a client
//! assert!(sentence(&report).unwrap().contains("UNIX socket `/run/app.sock`"));
//! let parts = &lines(&report)[0].parts;
//! assert_eq!((parts[1].name, &*parts[1].value), ("address", "/run/app.sock"));
//! let json = serde_json::to_value(Explained::new(&report))?;
//! assert_eq!(json["endpoint"]["address"], "/run/app.sock");
//! # Ok::<(), serde_json::Error>(())
//! ```

mod anatomy;
mod conversion;
mod foreign;
mod head;
mod outlook;
mod reading;

pub use anatomy::{Absent, AbsentParameter, Line, Part, lines};
pub use conversion::Converted;
pub use foreign::{Explained, foreign};
#[cfg(feature = "cli")]
pub(crate) use head::{character_start, head};
pub use outlook::sentence;
#[cfg(feature = "cli")]
pub(crate) use reading::check_with;
pub use reading::{check, read_by};

use serde::Serialize;
use strports_syntax::Types;

/// Returns the built-in types and those of packages. Each serializes to a line of `strports types
/// --format json`.
///
/// ```
/// let types = strports::describe::types().map(|it| serde_json::to_value(it).unwrap());
/// let names: Vec<_> = types.map(|it| it["type"].as_str().unwrap().to_owned()).collect();
/// assert_eq!(names[0], "tcp");
/// assert!(names.iter().any(|name| name == "onion"));
/// ```
pub fn types() -> impl Iterator<Item: Serialize> {
    crate::types::packages().list()
}

/// Returns the built-in types and those of packages, for parsing descriptions with them.
///
/// See [`types()`] for an example.
pub fn known_types() -> Types<'static> {
    crate::types::packages().types()
}
