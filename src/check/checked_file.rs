//! One checked file: all results that do not depend on other files.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::by_look;
use super::bytes;
use super::coverage::{Coverage, DescriptionRead, FileRead};
use super::cross_file::{self, Claim, Listener, Listeners, Peer};
use super::embedded::Embedded;
use super::finding::{self, FileText, Finding};
use super::judge::{self, Verdict};
use super::near_miss;
use super::options::Options;
use super::place::Place;
use super::problem::{Problem, ProblemKind};
use super::rules::Rule;
use super::source::bounds::MAX_DESCRIPTIONS;
use super::source::excerpt;
use super::source::format::Format;
use super::source::notes::Note;
use super::suppress::{self, Ignore};
use super::target::Target;
use super::unexpanded;
use super::unquoted;
use strports_syntax::Role;
#[cfg(feature = "cli")]
use strports_syntax::Types;

/// The results of one file, before it is compared with other files.
#[derive(Clone, Debug)]
pub(super) struct CheckedFile {
    target: Target,
    /// The text if it was passed in memory; `None` if it is the content of the file on disk. Fixes
    /// change this text.
    pub(super) text: Option<Arc<[u8]>>,
    findings: Vec<Finding>,
    /// Whether the check stopped early because of too many descriptions or findings.
    has_more: bool,
    /// Messages about values that the reader of the format could not use, with their places.
    notes: Vec<(Place, String)>,
    /// The codes in ignore comments.
    ignores: Vec<Ignore>,
    /// The servers that clients on this machine can reach.
    pub(super) listeners: Vec<Listener>,
    /// The clients that connect to this machine.
    pub(super) peers: Vec<Peer>,
    /// The number of descriptions that were checked, for the coverage of the run.
    descriptions: usize,
    /// The descriptions that were checked; empty without [`Options::listing`].
    listed: Vec<DescriptionRead>,
    /// All texts that may be descriptions, ordered by place; empty without [`Options::memory`].
    #[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "the command serves editors"))]
    found: Vec<Embedded>,
}

impl CheckedFile {
    /// Finds and checks the descriptions in `text`, the content of the file that `target`
    /// describes.
    pub(super) fn new(target: Target, text: &[u8], options: &Options) -> Self {
        let mut context = target.configuration.context(&target.relative, options.role);
        if let Some(memory) = &options.memory {
            memory.turn();
            context.trees = Some(&memory.trees);
        }
        let file = FileText::new(&target.path, text);
        let (mut findings, mut facts) = (Vec::new(), Vec::new());
        let (mut has_more, mut descriptions, mut listed) = (false, 0, Vec::new());
        let found = excerpt::descriptions(target.format, text, &mut context);
        let mut implied = HashSet::new();
        let places = found.iter().map(Embedded::whole).collect();
        for (index, embedded) in found.iter().enumerate() {
            has_more = index == MAX_DESCRIPTIONS || findings.len() >= MAX_DESCRIPTIONS;
            if has_more || options.stop.is_over() {
                break;
            }
            if embedded.is_implied {
                let report = judge::report(embedded, target.configuration.types());
                findings.append(&mut judge::of_implied(embedded, &report, &file));
                // Several options of one command may imply the same description, which counts once.
                if implied.insert((embedded.unit, embedded.text())) {
                    descriptions += 1;
                    let claim = Claim::new(&report, &target);
                    facts.extend(cross_file::fact(embedded, claim, None, &file));
                    if options.listing {
                        listed.push(DescriptionRead::new(embedded, report.role(), &file));
                    }
                }
                continue;
            }
            findings.append(&mut unexpanded::findings(embedded, &file));
            if embedded.is_unknown() {
                continue;
            }
            findings.extend(unexpanded::cut_off(embedded, &file));
            let types = target.configuration.types();
            let meant = unquoted::finding(embedded, types, &file).map(|(meant, finding)| {
                findings.push(finding);
                meant
            });
            let (embedded, is_as_written) = (meant.as_ref().unwrap_or(embedded), meant.is_none());
            let mut shown = None;
            let mut judged = || {
                let mut report = judge::report(embedded, types);
                if embedded.extensions {
                    report.advise_extensions();
                } else {
                    report.read_by(options.twisted);
                }
                let preflight = options.preflight.as_ref();
                shown = preflight.and_then(|it| it.check_embedded(embedded, &mut report));
                Arc::new(Verdict::new(&report, Claim::new(&report, &target)))
            };
            // With preflight, no verdict is reused: files on the machine may have changed since.
            let verdict = match options.memory.as_ref().filter(|_| options.preflight.is_none()) {
                Some(memory) => memory.verdict(embedded, judged),
                None => judged(),
            };
            findings.append(&mut judge::judge(embedded, &verdict, &file));
            findings.extend(bytes::finding(embedded, &verdict, types, &file));
            descriptions += 1;
            if options.listing {
                listed.push(DescriptionRead::new(embedded, verdict.role, &file));
            }
            // Where a shell removes backslashes, the program gets another text, so this one is not
            // compared.
            if is_as_written {
                facts.extend(cross_file::fact(embedded, verdict.claim.clone(), shown, &file));
            }
        }
        if !has_more && !options.stop.is_over() {
            let types = target.configuration.types();
            for mut it in by_look::findings(places, target.format, types, &file) {
                descriptions += 1;
                findings.append(&mut it);
            }
        }
        findings.append(&mut cross_file::conflicts(&facts, &file));
        findings.append(&mut near_miss::near_misses(&file, target.format.comments));
        let ignores = suppress::ignores(&file, target.format);
        let peers = cross_file::peers(&facts, &file);
        let listeners = cross_file::listeners(&facts);
        let place = |note: Note| (file.lines.place(note.at), note.message);
        let notes: Vec<_> = context.notes.take().into_iter().map(place).collect();
        drop(context);
        if has_more || !notes.is_empty() {
            target.configuration.has_unread(&target.relative);
        }
        let text = None;
        Self {
            target,
            text,
            findings,
            has_more,
            notes,
            ignores,
            listeners,
            peers,
            descriptions,
            listed,
            found: if options.memory.is_some() { found } else { Vec::new() },
        }
    }

    /// Checks a text in memory, and keeps it so that fixes change this text instead of a file.
    pub(super) fn in_memory(target: Target, text: &[u8], options: &Options) -> Self {
        Self { text: Some(text.into()), ..Self::new(target, text, options) }
    }

    /// Checks the file again with another text, and replaces all results.
    pub(super) fn check_again(&mut self, text: &[u8], options: &Options) {
        let kept = self.text.take();
        *self = Self::new(self.target.clone(), text, options);
        self.text = kept.map(|_| text.into());
    }

    /// Checks `text` as another version of this file, and lists its descriptions. `self` stays
    /// unchanged.
    pub(super) fn listed_again(&self, text: &[u8], options: &Options) -> Self {
        let options = Options { listing: true, ..options.clone() };
        Self::new(self.target.clone(), text, &options)
    }

    /// The text and the role of each listed description.
    pub(super) fn descriptions(&self) -> Vec<(&Arc<str>, Role)> {
        self.listed.iter().map(|it| (&it.text, it.role)).collect()
    }

    /// The texts that were kept for an editor, and the types with which they are checked.
    #[cfg(feature = "cli")]
    pub(super) fn found(&self) -> (&[Embedded], Types<'static>) {
        (&self.found, self.target.configuration.types())
    }

    /// The format of the file.
    pub(super) fn format(&self) -> &'static Format {
        self.target.format
    }

    pub(super) fn path(&self) -> &Arc<Path> {
        &self.target.path
    }

    /// The problems of the file: values that its reader could not use, and too many descriptions.
    pub(super) fn problems(&self) -> impl Iterator<Item = Problem> + '_ {
        let path = self.path().to_path_buf();
        let notes = self.notes.iter().map(|(place, message)| {
            let (path, place, message) = (self.path().to_path_buf(), *place, message.clone());
            ProblemKind::Broken { path, place, message }
        });
        let too_many = self.has_more.then_some(ProblemKind::TooMany(path));
        notes.chain(too_many).map(Problem::from)
    }

    /// What the file adds to the counts of a run. Standard input and the command line count as no
    /// file.
    pub(super) fn coverage(&self) -> Coverage {
        let is_virtual = finding::is_virtual(self.path());
        Coverage { files: usize::from(!is_virtual), descriptions: self.descriptions }
    }

    pub(super) fn file_read(&self) -> FileRead {
        FileRead {
            path: Arc::clone(self.path()),
            format: self.target.format.name,
            descriptions: self.listed.clone(),
        }
    }

    /// Whether the file has nothing to report or to compare, so that its results can be dropped.
    pub(super) fn is_empty(&self) -> bool {
        self.findings.is_empty()
            && self.ignores.is_empty()
            && self.listeners.is_empty()
            && self.peers.is_empty()
            && self.notes.is_empty()
    }

    /// The findings of the file to report, ordered by place. `listeners` are those of all files,
    /// with which the clients in this file are compared.
    pub(super) fn findings(&self, listeners: &Listeners, options: &Options) -> Vec<Finding> {
        self.reported(self.findings.clone(), listeners, options)
    }

    /// Like [`findings`](Self::findings), but moves the findings out instead of copying them.
    pub(super) fn take_findings(
        &mut self,
        listeners: &Listeners,
        options: &Options,
    ) -> Vec<Finding> {
        let findings = std::mem::take(&mut self.findings);
        self.reported(findings, listeners, options)
    }

    /// Adds the findings that compare this file with others. Drops those that a comment ignores or
    /// the selection excludes, and orders the rest by place.
    fn reported(
        &self,
        mut findings: Vec<Finding>,
        listeners: &Listeners,
        options: &Options,
    ) -> Vec<Finding> {
        let Target { path, relative, configuration, .. } = &self.target;
        let is_wanted = |rule: Rule| {
            (options.preflight.is_some() || !rule.needs_machine())
                && options.selection.includes(rule, &configuration.lints, relative)
        };
        findings.extend(self.peers.iter().filter_map(|peer| listeners.mismatch(peer)));
        suppress::apply(&mut findings, &self.ignores, path, is_wanted);
        findings.retain(|finding| {
            (options.preflight.is_some() || !finding.rule.needs_machine())
                && options.selection.includes_any(&finding.rules(), &configuration.lints, relative)
        });
        findings.sort_by(|a, b| {
            (a.range.start, a.range.end, a.rule).cmp(&(b.range.start, b.range.end, b.rule))
        });
        findings.dedup_by(|a, b| a.range == b.range && a.rule == b.rule && a.message == b.message);
        findings
    }

    /// Returns the path, the format and the configuration, with which the file can be checked
    /// again.
    pub(super) fn into_target(self) -> Target {
        self.target
    }
}
