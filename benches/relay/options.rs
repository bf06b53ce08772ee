//! Parses the options of the command line, of which each mode uses some.

use std::path::PathBuf;

use crate::Result;
use crate::peers::{Peer, Route};

pub(crate) struct Options {
    pub(crate) strports: PathBuf,
    pub(crate) runs: usize,
    /// How many `MiB` are transferred in each run.
    pub(crate) mib: u32,
    pub(crate) connections: Vec<usize>,
    pub(crate) routes: Vec<Route>,
    pub(crate) peers: Vec<Peer>,
    /// Whether system calls are counted too.
    pub(crate) calls: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            strports: PathBuf::new(),
            runs: 5,
            mib: 1024,
            connections: vec![1, 16, 256],
            routes: vec![Route::Tcp, Route::Unix],
            peers: Peer::ALL.to_vec(),
            calls: false,
        }
    }
}

impl Options {
    /// Parses arguments, which override the defaults of a mode.
    pub(crate) fn read(self, mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = self;
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("`{name}` needs a value"))?;
            match name.as_str() {
                "--strports" => options.strports = std::path::absolute(value)?,
                "--runs" => options.runs = value.parse()?,
                "--mib" => options.mib = value.parse()?,
                "--connections" => options.connections = each(&value, |it| it.parse().ok())?,
                "--routes" => options.routes = each(&value, Route::named)?,
                "--calls" => options.calls = value.parse()?,
                // Our relay is always measured, because the others are compared with it.
                "--peers" => {
                    options.peers = each(&value, Peer::named)?;
                    options.peers.retain(|peer| *peer != Peer::Strports);
                    options.peers.insert(0, Peer::Strports);
                }
                _ => return Err(format!("unknown option `{name}`").into()),
            }
        }
        if !options.strports.is_file() {
            return Err("`--strports` has to name the program (a release build)".into());
        }
        Ok(options)
    }
}

fn each<T>(list: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
    let items = list.split(',').map(|item| read(item).ok_or(format!("`{item}` is unknown").into()));
    items.collect()
}
