//! Prints the result of `test` for people: one line for each step, with details below it.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::super::shown::Shown;
use super::super::wrapped;
use super::Tested;
#[cfg(feature = "__tls")]
use super::json::days_left;
use crate::cli::report::human;
use crate::cli::stream::Stream;
use crate::runtime::probe::{ProbeFacts, ProbeStep};
#[cfg(feature = "__tls")]
use crate::runtime::{CertificateDetails, probe::ProbeIdentity};

/// The column in which messages begin on a wide terminal: after outcome, step and time.
const WIDE: usize = 2 + OUTCOME + STEP + TIME + 2;
const OUTCOME: usize = 7;
const STEP: usize = 7;
const TIME: usize = 8;
/// The column in which messages begin on a narrow terminal, on a line below the step.
const NARROW: usize = 4;
/// The minimum width in columns at which a terminal counts as wide.
const ENOUGH: usize = 60;
/// By how many columns details are indented more than the message that they belong to.
const INDENT: usize = 2;

/// Prints the steps of testing one description, or why it was not tested.
pub(in crate::cli) fn write(tested: &Tested<'_>, out: &mut Stream) -> io::Result<()> {
    let columns = out.width;
    let bold = out.style(Style::new().bold());
    let description = Shown::whole(&tested.description);
    let role = tested.report.role();
    writeln!(out, "{bold}{}{bold:#} ({role})", description.text())?;
    if let Some(why) = &tested.not_tried {
        return Page { out, columns }.step("parse", Outcome::NotTried, why, None);
    }
    let Some(probe) = &tested.probe else {
        if let Some(error) = &tested.refused {
            let mut page = Page { out, columns };
            page.step("parse", Outcome::Failed, &error.problem().to_string(), None)?;
            return Ok(());
        }
        return human::write_findings_without_secrets(&tested.report, out);
    };
    let mut page = Page { out, columns };
    for step in &probe.steps {
        page.probe_step(step)?;
    }
    if tested.both {
        let other = role.other();
        let message = format!("It was read as a {role}; `--role {other}` reads it as a {other}.");
        page.text(0, 0, &message)?;
    }
    Ok(())
}

/// How many descriptions of a run succeeded, failed, or could not be tried.
#[derive(Default)]
pub(in crate::cli) struct Summary {
    pub(in crate::cli) ok: usize,
    pub(in crate::cli) not_tried: usize,
    /// The descriptions that failed, with the values of `env=` removed.
    pub(in crate::cli) failed: Vec<Vec<u8>>,
}

impl Summary {
    /// The number of descriptions in the run.
    pub(in crate::cli) fn count(&self) -> usize {
        self.ok + self.not_tried + self.failed.len()
    }
}

/// Prints how many descriptions succeeded and failed, and lists those that failed.
pub(in crate::cli) fn write_summary(summary: &Summary, out: &mut Stream) -> io::Result<()> {
    let Summary { ok, not_tried, failed } = summary;
    let (columns, tested) = (out.width, ok + failed.len());
    writeln!(out)?;
    let mut page = Page { out, columns };
    let plural = if tested == 1 { "" } else { "s" };
    let mut text = format!("{tested} description{plural} tested: {ok} ok, {} failed", failed.len());
    if *not_tried > 0 {
        let _ = write!(text, "; {not_tried} cannot be tried here");
    }
    page.text(0, 0, &text)?;
    for description in failed {
        page.text(2, 4, Shown::whole(description).text())?;
    }
    Ok(())
}

/// The outcome of one step, as the word at the start of its line.
#[derive(Clone, Copy)]
enum Outcome {
    Ok,
    Warning,
    Failed,
    NotTried,
}

impl Outcome {
    fn from_step(step: &ProbeStep) -> Self {
        match (step.is_ok, step.warnings.is_empty()) {
            (false, _) => Self::Failed,
            (true, false) => Self::Warning,
            (true, true) => Self::Ok,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warn",
            Self::Failed => "FAILED",
            Self::NotTried => "skip",
        }
    }

    fn style(self) -> Style {
        let color = match self {
            Self::Ok => AnsiColor::Green,
            Self::Warning | Self::NotTried => AnsiColor::Yellow,
            Self::Failed => AnsiColor::Red,
        };
        color.on_default().bold()
    }
}

/// The stream for the report, and its width in columns.
struct Page<'o> {
    out: &'o mut Stream,
    columns: usize,
}

impl Page<'_> {
    fn is_wide(&self) -> bool {
        self.columns >= ENOUGH
    }

    /// The column in which messages begin on this terminal.
    fn margin(&self) -> usize {
        if self.is_wide() { WIDE } else { NARROW }
    }

    fn probe_step(&mut self, step: &ProbeStep) -> io::Result<()> {
        self.step(step.kind.as_str(), Outcome::from_step(step), &step.message, Some(step.took))?;
        for warning in &step.warnings {
            self.detail(0, &format!("warning: {warning}"))?;
        }
        self.facts(step)?;
        for advice in &step.advice {
            self.detail(0, &format!("= {advice}"))?;
        }
        Ok(())
    }

    /// Prints the first line of a step: `  ok     connect   12 ms  connected to …`.
    fn step(
        &mut self,
        kind: &str,
        outcome: Outcome,
        message: &str,
        took: Option<Duration>,
    ) -> io::Result<()> {
        let style = self.out.style(outcome.style());
        let word = outcome.word();
        let took = took.map(short).unwrap_or_default();
        let margin = self.margin();
        if self.is_wide() {
            write!(self.out, "  {style}{word}{style:#}{:1$}", "", OUTCOME - word.len())?;
            write!(self.out, "{kind:<STEP$}{took:>TIME$}  ")?;
            return self.text(0, margin, message);
        }
        writeln!(self.out, "  {style}{word}{style:#} {kind} {took}")?;
        self.text(margin, margin, message)
    }

    fn detail(&mut self, depth: usize, text: &str) -> io::Result<()> {
        let margin = self.margin() + depth * INDENT;
        self.text(margin, margin + INDENT, text)
    }

    fn facts(&mut self, step: &ProbeStep) -> io::Result<()> {
        match &step.facts {
            ProbeFacts::Attempts { attempts, .. } => {
                // The message of the step already describes a single attempt.
                for attempt in attempts.iter().filter(|_| attempts.len() > 1) {
                    let after = short(attempt.began.saturating_sub(step.began));
                    let (address, end) = (&attempt.address, &attempt.end);
                    let took = short(attempt.took);
                    self.detail(0, &format!("{address}, begun after {after}: {end} ({took})"))?;
                }
                Ok(())
            }
            #[cfg(feature = "__tls")]
            ProbeFacts::Tls(tls) => {
                for (index, certificate) in tls.certificates.iter().enumerate() {
                    self.certificate(0, index, certificate)?;
                }
                let Some(request) = &tls.request else { return Ok(()) };
                let answer = if request.presented { "it got one" } else { "it got none" };
                self.detail(0, &format!("the server requests a certificate; {answer}"))?;
                for authority in &request.authorities {
                    self.detail(1, &format!("from {authority}"))?;
                }
                Ok(())
            }
            #[cfg(feature = "__tls")]
            ProbeFacts::Presented(identities) => {
                identities.iter().try_for_each(|identity| self.identity(identity))
            }
            _ => Ok(()),
        }
    }

    /// Prints a certificate chain that a server presents, with the file that contains it.
    #[cfg(feature = "__tls")]
    fn identity(&mut self, identity: &ProbeIdentity) -> io::Result<()> {
        let path = Shown::whole(identity.path.as_os_str().as_encoded_bytes());
        let default = if identity.is_default { ", also without a name" } else { "" };
        self.detail(0, &format!("from {}{default}:", path.text()))?;
        for (index, certificate) in identity.certificates.iter().enumerate() {
            self.certificate(1, index, certificate)?;
        }
        let verified = match &identity.root {
            Some(root) => format!("clients that trust {root} verify it, as this platform does"),
            None => "no root of this platform verifies it".to_owned(),
        };
        self.detail(1, &verified)
    }

    #[cfg(feature = "__tls")]
    fn certificate(
        &mut self,
        depth: usize,
        index: usize,
        it: &CertificateDetails,
    ) -> io::Result<()> {
        self.detail(depth, &format!("certificate {}: {}", index + 1, shown(&it.subject)))?;
        if !it.names.is_empty() {
            let names: Vec<_> = it.names.iter().map(|name| shown(name)).collect();
            self.detail(depth + 1, &format!("for {}", names.join(", ")))?;
        }
        self.detail(depth + 1, &format!("issued by {}", shown(&it.issuer)))?;
        let left = match days_left(it.not_after) {
            1 => "1 day left".to_owned(),
            0.. => format!("{} days left", days_left(it.not_after)),
            _ => "expired".to_owned(),
        };
        let (from, until) = (date(it.not_before), date(it.not_after));
        self.detail(depth + 1, &format!("valid from {from} to {until}, {left}"))?;
        self.detail(depth + 1, &format!("{}, signed with {}", it.key, it.signature))
    }

    /// Prints a text, wrapped before the right margin. The first line begins in column `first`,
    /// where the cursor may already be, and the others in column `hanging`.
    fn text(&mut self, first: usize, hanging: usize, text: &str) -> io::Result<()> {
        let text = Shown::whole(text.as_bytes());
        let begin = if first == 0 { hanging } else { first };
        let text = wrapped(text.text(), begin, hanging, self.columns);
        writeln!(self.out, "{:first$}{text}", "")
    }
}

/// Escapes a text from a certificate, which the peer controls, for the terminal.
#[cfg(feature = "__tls")]
fn shown(text: &str) -> String {
    Shown::whole(text.as_bytes()).text().to_owned()
}

#[cfg(feature = "__tls")]
fn date(time: std::time::SystemTime) -> String {
    let time = time.max(std::time::UNIX_EPOCH);
    let mut text = humantime::format_rfc3339_seconds(time).to_string();
    text.truncate("2026-01-01".len());
    text
}

/// Formats a duration in a short form: `0.4 ms`, `12 ms`, `1.5 s`.
fn short(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    if millis >= 1000.0 {
        format!("{:.1} s", millis / 1000.0)
    } else if millis >= 10.0 {
        format!("{millis:.0} ms")
    } else {
        format!("{millis:.1} ms")
    }
}
