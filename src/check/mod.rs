//! The linter: descriptions where they live in files, judged, and what to write there instead.
//!
//! A file goes from left to right: `walk` finds it, `prefilter` says whether to read it, `source`
//! finds the descriptions in it, `finding` judges each, `across` compares them, `suppress` takes
//! away what a comment says to ignore. Then `fix` writes.

mod across;
pub(crate) mod baseline;
pub(crate) mod config;
pub(crate) mod embedded;
pub(crate) mod finding;
pub(crate) mod fix;
pub(crate) mod here;
pub(crate) mod lints;
pub(crate) mod place;
mod plugins;
mod prefilter;
pub(crate) mod rules;
pub(crate) mod source;
mod suppress;
pub(crate) mod tree;
mod twisted;
pub(crate) mod walk;

use std::path::Path;
use std::sync::Arc;

use across::{Fact, Listeners, Peer};
use config::Settings;
use finding::{FileText, Finding};
use here::ThisMachine;
use lints::Wanted;
use place::Lines;
use rules::Rule;
use source::Format;
use suppress::Ignore;
pub(crate) use twisted::Twisted;

/// How to look at files.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) wanted: Wanted,
    /// Of descriptions of which nothing else tells it.
    pub(crate) role: Option<crate::Role>,
    pub(crate) twisted: Twisted,
    /// Where to look at files as well.
    pub(crate) here: Option<ThisMachine>,
}

/// What one file gave, before the others are known.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    pub(crate) path: Arc<Path>,
    /// As the patterns of the configuration have it.
    named: Arc<Path>,
    settings: Arc<Settings>,
    format: &'static Format,
    findings: Vec<Finding>,
    ignores: Vec<Ignore>,
    facts: Vec<Fact>,
    peers: Vec<Peer>,
}

/// A file that is to be looked at.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) path: Arc<Path>,
    pub(crate) named: Arc<Path>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) format: &'static Format,
}

impl Target {
    /// What is no file, under a name of its own.
    pub(crate) fn no_file(
        name: &'static str,
        format: &'static Format,
        settings: &Arc<Settings>,
    ) -> Self {
        let path: Arc<Path> = Path::new(name).into();
        Self { named: Arc::clone(&path), path, settings: Arc::clone(settings), format }
    }

    /// Finds what is in `text` and judges it.
    pub(crate) fn look(self, text: &[u8], options: &Options) -> Looked {
        let context = self.settings.context(&self.named, options.role);
        let file = FileText { path: &self.path, text, lines: Lines::new(text) };
        let (mut findings, mut facts) = (Vec::new(), Vec::new());
        for embedded in (self.format.find)(text, &context) {
            if embedded.is_unknown() {
                continue;
            }
            let mut report = finding::report(&embedded);
            let here = options.here.as_ref();
            let shown = here.and_then(|here| here.look_for(&embedded, &mut report));
            findings.append(&mut finding::judge(&embedded, &report, &file, options.twisted));
            facts.extend(across::fact(&embedded, &report, shown, &file));
        }
        findings.append(&mut across::conflicts(&facts, &file));
        let ignores = suppress::ignores(&file, self.format.comments);
        let peers = across::peers(&facts, &file);
        let Self { path, named, settings, format } = self;
        Looked { path, named, settings, format, findings, ignores, facts, peers }
    }
}

impl Looked {
    /// The same file, to be looked at again.
    pub(crate) fn target(&self) -> Target {
        Target {
            path: Arc::clone(&self.path),
            named: Arc::clone(&self.named),
            settings: Arc::clone(&self.settings),
            format: self.format,
        }
    }

    /// Whether there is nothing to keep of it.
    pub(crate) fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.ignores.is_empty() && self.facts.is_empty()
    }

    /// What is to be reported, given the listeners of the whole tree, in the order of the places.
    fn findings(&self, listeners: &Listeners, options: &Options) -> Vec<Finding> {
        let looked_for = |rule: Rule| options.here.is_some() || !rule.needs_machine();
        let wants = |rule: Rule| {
            looked_for(rule) && options.wanted.wants(rule, &self.settings.lints, &self.named)
        };
        let mut findings = self.findings.clone();
        findings.extend(self.peers.iter().filter_map(|peer| listeners.mismatch(peer)));
        suppress::apply(&mut findings, &self.ignores, &self.path, wants);
        findings.retain(|finding| wants(finding.rule));
        findings.sort_by(|a, b| {
            (a.range.start, a.range.end, a.rule).cmp(&(b.range.start, b.range.end, b.rule))
        });
        findings.dedup_by(|a, b| a.range == b.range && a.rule == b.rule && a.message == b.message);
        findings
    }
}
