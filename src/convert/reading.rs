//! What a text of another form was read as: drafts, losses and failures.

use super::draft::{Draft, RelayOption};
use super::loss::{Failure, Loss};

/// What a text was read as, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) items: Vec<Item>,
    pub(super) losses: Vec<Loss>,
    pub(super) failures: Vec<Failure>,
}

/// An address or a service that a text contains.
#[derive(Debug)]
pub(super) enum Item {
    /// A single address to listen on or to connect to.
    One(Draft),
    /// A complete service, which joins connections of a server to targets.
    Relay(Relay),
}

/// A server, with the targets that its connections are joined to.
#[derive(Clone, Debug)]
pub(super) struct Relay {
    pub(super) server: Draft,
    pub(super) clients: Vec<Draft>,
    /// Options of `strports relay` for the whole service, beside those of its addresses.
    pub(super) options: Vec<RelayOption>,
}

impl Reading {
    /// Creates a reading of a single address from the result of `read`, which also reports losses.
    pub(super) fn from_result(read: impl FnOnce(&mut Vec<Loss>) -> Result<Draft, Failure>) -> Self {
        let mut reading = Self::default();
        match read(&mut reading.losses) {
            Ok(draft) => reading.items.push(Item::One(draft)),
            Err(failure) => reading.failures.push(failure),
        }
        reading
    }

    /// Sets the line number of all losses and failures that have none yet.
    pub(super) fn at_line(&mut self, line: usize) {
        for loss in self.losses.iter_mut().filter(|loss| loss.line.is_none()) {
            loss.line = Some(line);
        }
        for failure in self.failures.iter_mut().filter(|failure| failure.line.is_none()) {
            failure.line = Some(line);
        }
    }
}

impl Relay {
    pub(super) const fn new(server: Draft, clients: Vec<Draft>) -> Self {
        Self { server, clients, options: Vec::new() }
    }

    /// Adds an option of `strports relay`; `from` is the text that it was read from.
    pub(super) fn option(&mut self, name: &'static str, value: impl Into<String>, from: &str) {
        self.options.push(RelayOption { name, value: value.into(), from: from.to_owned() });
    }

    /// Returns the networks in all options with this name, which is `--allow` or `--deny`.
    pub(super) fn networks(&self, name: &str) -> Vec<&str> {
        let all = self.all_options().into_iter().filter(|option| option.name == name);
        all.flat_map(|option| option.value.split(',')).collect()
    }

    /// Checks that the clients differ only in their addresses, and fails otherwise. `program` has
    /// one set of options for all of them.
    pub(super) fn with_equal_options(&self, program: &str) -> Result<(), Failure> {
        let Some((first, others)) = self.clients.split_first() else { return Ok(()) };
        if others.iter().all(|other| other.has_options_of(first)) {
            return Ok(());
        }
        let why = format!("{program} has the same options for all targets, and these differ");
        Err(Failure::new("relay", why))
    }

    /// Returns the options of the service and of its addresses, each once.
    pub(super) fn all_options(&self) -> Vec<&RelayOption> {
        let ends = std::iter::once(&self.server).chain(&self.clients);
        let all = self.options.iter().chain(ends.flat_map(|end| &end.options));
        let mut options: Vec<&RelayOption> = Vec::new();
        for option in all {
            if !options.iter().any(|other| other.name == option.name && other.value == option.value)
            {
                options.push(option);
            }
        }
        options
    }
}
