//! The command: arguments and streams in, an exit code out.

mod args;
mod commands;
mod exit;
#[cfg(feature = "relay")]
mod hangup;
#[cfg(feature = "relay")]
mod haste;
#[cfg(feature = "relay")]
mod limited;
#[cfg(feature = "relay")]
mod log;
#[cfg(feature = "relay")]
mod notify;
#[cfg(feature = "relay")]
mod program;
#[cfg(feature = "check")]
mod progress;
mod records;
mod report;
#[cfg(feature = "relay")]
mod run;
#[cfg(feature = "relay")]
mod service;
mod stream;
#[cfg(feature = "relay")]
mod values;
#[cfg(feature = "relay")]
mod watch;

use std::ffi::OsString;
use std::io::{Read, Write};

use clap::Parser;

#[cfg(feature = "relay")]
use crate::runtime::wait_for_children;
use args::{Args, Command, Later};
pub use exit::Exit;
use exit::Failure;
#[cfg(feature = "relay")]
use log::{Entry, Format, Level, Log};
use stream::Stream;

/// The command with the streams that it reads and writes; it has no other ones.
///
/// `listen`, `connect` and `relay` move data through the descriptors of the process itself.
///
/// ```
/// use strports::cli::{Cli, Exit};
/// let exit = Cli::of_process().run(["strports", "quote", "C:/key.pem"]);
/// assert_eq!(exit, Exit::Ok);
/// ```
pub struct Cli {
    input: Box<dyn Read>,
    output: Stream,
    errors: Stream,
    /// Of the commands that open sockets.
    #[cfg(feature = "relay")]
    log: Option<Log>,
}

impl Cli {
    /// On standard input, output and error.
    pub fn of_process() -> Self {
        Self {
            input: Box::new(std::io::stdin()),
            output: Stream::of(std::io::stdout()),
            errors: Stream::of(std::io::stderr()),
            #[cfg(feature = "relay")]
            log: None,
        }
    }

    /// Carries out one command line; the first of `args` is the name of the program.
    pub fn run<T: Into<OsString> + Clone>(&mut self, args: impl IntoIterator<Item = T>) -> Exit {
        let args = match Args::try_parse_from(args) {
            Ok(args) => args,
            Err(error) => return self.answer(&error),
        };
        self.output.choose(args.color);
        self.errors.choose(args.color);
        let done = self.dispatch(&args.command).and_then(|exit| {
            self.output.flush()?;
            Ok(exit)
        });
        #[cfg(feature = "relay")]
        self.wait_for_children();
        let exit = done.unwrap_or_else(|failure| self.fail(&failure));
        #[cfg(feature = "relay")]
        if let Some(log) = self.log.take() {
            log.close();
        }
        // Nobody is left to tell when standard error is closed.
        let _ = self.errors.flush();
        exit
    }

    fn dispatch(&mut self, command: &Command) -> Result<Exit, Failure> {
        #[cfg(feature = "relay")]
        if let Some(saying) = command.saying() {
            self.log = Some(run::start_log(saying, self.errors.color)?);
        }
        match command {
            Command::Explain(Later(args)) => commands::explain::run(args, self),
            #[cfg(feature = "check")]
            Command::Check(Later(args)) => commands::check::run(args, self),
            Command::Quote(Later(args)) => commands::quote::run(args, self),
            Command::Fmt(Later(args)) => commands::fmt::run(args, self),
            #[cfg(feature = "relay")]
            Command::Listen(Later(args)) => commands::listen::run(args, self),
            #[cfg(feature = "relay")]
            Command::Connect(Later(args)) => commands::connect::run(args, self),
            #[cfg(feature = "relay")]
            Command::Relay(Later(args)) => commands::relay::run(args, self),
            #[cfg(feature = "check")]
            Command::Rule(Later(args)) => commands::rule::run(args, self),
            Command::Completions(Later(args)) => commands::completions::run(args, self),
            Command::Man(Later(args)) => commands::man::run(args, self),
        }
    }

    /// What clap answers itself: help and the version, or what is wrong with the command line.
    fn answer(&mut self, answer: &clap::Error) -> Exit {
        let (stream, exit) = if answer.use_stderr() {
            (&mut self.errors, Exit::Usage)
        } else {
            (&mut self.output, Exit::Ok)
        };
        let text = answer.render();
        let written =
            if stream.color { write!(stream, "{}", text.ansi()) } else { write!(stream, "{text}") };
        match written.and_then(|()| stream.flush()) {
            Ok(()) => exit,
            Err(error) => self.fail(&error.into()),
        }
    }

    fn fail(&mut self, failure: &Failure) -> Exit {
        if let Failure::Usage(error) = failure {
            return self.answer(error);
        }
        if failure.is_closed_pipe() {
            return Exit::Ok;
        }
        self.tell_failure(failure);
        failure.exit()
    }

    #[cfg(not(feature = "relay"))]
    fn tell_failure(&mut self, failure: &Failure) {
        self.say(&format_args!("strports: {failure}"));
    }

    #[cfg(feature = "relay")]
    fn tell_failure(&mut self, failure: &Failure) {
        let name = match self.log.as_ref().map(Log::format) {
            Some(Format::Json) => "",
            _ => "strports: ",
        };
        self.tell(&Entry::new(Level::Error, "failed", format!("{name}{failure}")));
    }

    /// Gives programs whose connections are over time to end: no later process could kill them.
    ///
    /// From now on, a second signal skips the remaining time.
    #[cfg(feature = "relay")]
    fn wait_for_children(&self) {
        if let Some(log) = &self.log {
            haste::on_signal(log.clone());
        }
        wait_for_children();
    }

    /// Writes one line to the log, or directly to standard error if the command has no log.
    #[cfg(feature = "relay")]
    fn tell(&mut self, entry: &Entry) {
        match &self.log {
            Some(log) => log.say(entry),
            None => self.say(entry),
        }
    }

    /// One line on standard error, at once.
    fn say(&mut self, message: &dyn std::fmt::Display) {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(self.errors, "{message}");
        let _ = self.errors.flush();
    }
}
