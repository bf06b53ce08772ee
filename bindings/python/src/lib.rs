//! The module `strports._native`: strings in, tuples out.
//!
//! The package in `python/strports` wraps the tuples in documented classes. `_native.pyi` has the
//! signature of each function.

mod describe;
mod endpoint;
mod exception;
mod files;
mod finding;
mod text;
mod types;

use pyo3::prelude::pymodule;

#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::describe::{check, check_json, explain, fmt, parse, quote};
    #[pymodule_export]
    use crate::files::{check_files, check_text};
    #[pymodule_export]
    use crate::types::types;
}
