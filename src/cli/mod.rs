//! The command `strports`: takes arguments and standard streams, and returns an exit code.
//!
//! See [`Cli`] for an example.

mod args;
mod commands;
mod completion;
mod console;
mod exit;
mod hints;
mod known_types;
#[cfg(feature = "check")]
mod progress;
mod records;
pub(crate) mod report;
#[cfg(feature = "relay")]
mod serve;
#[cfg(feature = "check")]
mod spool;
mod stream;

use std::ffi::OsString;
use std::io::Write;

use clap::Parser;
#[cfg(feature = "relay")]
use tracing::Level;

#[cfg(feature = "relay")]
use crate::runtime::wait_for_children;
use args::{Args, Command, Deferred};
#[cfg(feature = "relay")]
use args::{LogArgs, LogFormat};
use console::Console;
pub use exit::Exit;
use exit::Failure;
#[cfg(feature = "relay")]
use serve::log::{Entry, Log, Screen};
#[cfg(feature = "relay")]
use serve::second_signal::exit_sooner_on_signal;
#[cfg(feature = "__fuzz")]
pub use serve::{MAX_METRICS_HEAD, metrics_answer};

/// Runs command lines with the standard streams of this process.
///
/// `listen`, `connect` and `relay` also log the `tracing` events of the libraries. For that they
/// set the global subscriber, unless the process already has one.
///
/// ```
/// use strports::cli::{Cli, Exit};
/// let exit = Cli::from_process().run(["strports", "quote", "C:/key.pem"]);
/// assert_eq!(exit, Exit::Ok);
/// ```
pub struct Cli {
    console: Console,
    /// The log of a command that opens sockets; `None` until such a command has started.
    #[cfg(feature = "relay")]
    log: Option<Log>,
}

impl Cli {
    /// Creates a command that uses standard input, output and error of this process.
    pub fn from_process() -> Self {
        Self {
            console: Console::from_process(),
            #[cfg(feature = "relay")]
            log: None,
        }
    }

    /// Runs one command line, and returns the exit code. The first of `args` is the program's name.
    pub fn run<T: Into<OsString> + Clone>(&mut self, args: impl IntoIterator<Item = T>) -> Exit {
        let args = match Args::try_parse_from(args) {
            Ok(args) => args,
            Err(mut error) => {
                hints::add_hint(&mut error);
                return self.print_answer(&error);
            }
        };
        self.console.output.set_color(args.color);
        self.console.errors.set_color(args.color);
        let done = self.dispatch(&args.command).and_then(|exit| {
            self.console.output.flush()?;
            Ok(exit)
        });
        #[cfg(feature = "relay")]
        self.wait_for_children();
        let exit = done.unwrap_or_else(|failure| self.fail(&failure));
        #[cfg(feature = "relay")]
        if let Some(log) = self.log.take() {
            log.close();
        }
        // If standard error is closed, the failure cannot be reported anywhere.
        let _ = self.console.errors.flush();
        exit
    }

    fn dispatch(&mut self, command: &Command) -> Result<Exit, Failure> {
        let console = &mut self.console;
        match command {
            Command::Explain(Deferred(args)) => commands::explain::run(args, console),
            #[cfg(feature = "check")]
            Command::Check(Deferred(args)) => commands::check::run(args, console),
            Command::Quote(Deferred(args)) => commands::quote::run(args, console),
            Command::Fmt(Deferred(args)) => commands::fmt::run(args, console),
            Command::Convert(Deferred(args)) => commands::convert::run(args, console),
            #[cfg(feature = "relay")]
            Command::Listen(Deferred(args)) => {
                let log = self.start_log(&args.log)?;
                commands::listen::run(args, &log, &mut self.console)
            }
            #[cfg(feature = "relay")]
            Command::Connect(Deferred(args)) => {
                let log = self.start_log(&args.log)?;
                commands::connect::run(args, &log, &mut self.console)
            }
            #[cfg(feature = "relay")]
            Command::Relay(Deferred(args)) => {
                let log = self.start_log(&args.log)?;
                commands::relay::run(args, &log, &mut self.console)
            }
            #[cfg(feature = "relay")]
            Command::Test(Deferred(args)) => {
                self.start_log(&LogArgs::default())?;
                commands::probe::run(args, &mut self.console)
            }
            #[cfg(not(feature = "relay"))]
            Command::Sockets(Deferred(args)) => commands::sockets::run(&args.words),
            #[cfg(feature = "check")]
            Command::Rule(Deferred(args)) => commands::rule::run(args, console),
            #[cfg(feature = "check")]
            Command::Init(Deferred(args)) => commands::init::run(args, console),
            #[cfg(feature = "check")]
            Command::Schema(Deferred(args)) => commands::init::schema(args, console),
            #[cfg(feature = "check")]
            Command::Lsp(Deferred(args)) => commands::lsp::run(args),
            #[cfg(feature = "check")]
            Command::Types(Deferred(args)) => commands::types::run(args, console),
            Command::Complete(Deferred(args)) => commands::complete::run(args, console),
            Command::Completions(Deferred(args)) => commands::completions::run(args, console),
            Command::Man(Deferred(args)) => commands::man::run(args, console),
        }
    }

    /// Starts the log of a command that opens sockets, and passes events of libraries to it.
    #[cfg(feature = "relay")]
    fn start_log(&mut self, args: &LogArgs) -> Result<Log, Failure> {
        let max_level = if args.quiet { Level::ERROR } else { Level::INFO };
        let screen = Screen::stderr(self.console.errors.color).map_err(Failure::Log)?;
        let log = Log::start(screen, args.log_format, max_level).map_err(Failure::Log)?;
        log.subscribe();
        self.log = Some(log.clone());
        Ok(log)
    }

    /// Waits until all child processes have exited. After their grace period, they get SIGKILL.
    ///
    /// From now on, a signal skips the rest of the grace period.
    #[cfg(feature = "relay")]
    fn wait_for_children(&self) {
        if let Some(log) = &self.log {
            exit_sooner_on_signal(log.clone());
        }
        wait_for_children();
    }

    /// Prints clap's own output: the help, the version, or an error in the arguments.
    fn print_answer(&mut self, answer: &clap::Error) -> Exit {
        let (stream, exit) = if answer.use_stderr() {
            (&mut self.console.errors, Exit::Usage)
        } else {
            (&mut self.console.output, Exit::Ok)
        };
        let text = answer.render();
        let written =
            if stream.color { write!(stream, "{}", text.ansi()) } else { write!(stream, "{text}") };
        match written.and_then(|()| stream.flush()) {
            Ok(()) => exit,
            Err(error) => self.fail(&error.into()),
        }
    }

    /// Reports a failure on standard error or in the log, and returns its exit code.
    fn fail(&mut self, failure: &Failure) -> Exit {
        if let Failure::Usage(error) = failure {
            return self.print_answer(error);
        }
        if failure.is_closed_pipe() {
            return Exit::Ok;
        }
        #[cfg(feature = "relay")]
        if let Some(log) = &self.log {
            let name = match log.format() {
                LogFormat::Human => "strports: ",
                LogFormat::Json => "",
            };
            log.write(&Entry::new(Level::ERROR, "failed", format!("{name}{failure}")));
            return failure.exit();
        }
        self.console.report(&format_args!("strports: {failure}"));
        failure.exit()
    }
}
