//! The command: arguments and streams in, an exit code out.

mod args;
mod commands;
mod exit;
mod hangup;
mod haste;
mod limited;
mod log;
mod notify;
mod program;
mod progress;
mod records;
mod report;
mod run;
mod service;
mod stream;
mod values;
mod watch;

use std::ffi::OsString;
use std::io::{Read, Write};

use clap::Parser;

use crate::runtime::wait_for_children;
use args::{Args, Command, Later};
pub use exit::Exit;
use exit::Failure;
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
    log: Option<Log>,
}

impl Cli {
    /// On standard input, output and error.
    pub fn of_process() -> Self {
        Self {
            input: Box::new(std::io::stdin()),
            output: Stream::of(std::io::stdout()),
            errors: Stream::of(std::io::stderr()),
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
        if let Some(log) = &self.log {
            haste::on_signal(log.clone());
        }
        // Programs whose connections are over have their time to end; nobody would send them SIGKILL later.
        wait_for_children();
        let exit = done.unwrap_or_else(|failure| self.fail(&failure));
        if let Some(log) = self.log.take() {
            log.close();
        }
        // Nobody is left to tell when standard error is closed.
        let _ = self.errors.flush();
        exit
    }

    fn dispatch(&mut self, command: &Command) -> Result<Exit, Failure> {
        if let Some(saying) = command.saying() {
            self.log = Some(run::start_log(saying, self.errors.color)?);
        }
        match command {
            Command::Explain(Later(args)) => commands::explain::run(args, self),
            Command::Check(Later(args)) => commands::check::run(args, self),
            Command::Quote(Later(args)) => commands::quote::run(args, self),
            Command::Fmt(Later(args)) => commands::fmt::run(args, self),
            Command::Listen(Later(args)) => commands::listen::run(args, self),
            Command::Connect(Later(args)) => commands::connect::run(args, self),
            Command::Relay(Later(args)) => commands::relay::run(args, self),
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
        let name = match self.log.as_ref().map(Log::format) {
            Some(Format::Json) => "",
            _ => "strports: ",
        };
        self.tell(&Entry::new(Level::Error, "failed", format!("{name}{failure}")));
        failure.exit()
    }

    /// One line of the log, or where there is none, on standard error at once.
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
