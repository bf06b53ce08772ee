//! Code actions: apply the fix of a finding, or add a comment that ignores its rule.
//!
//! Computing an ignore comment or the fix of a whole file takes several checks of the file. An
//! editor that supports `codeAction/resolve` therefore receives these actions without an edit. It
//! requests the edit of the action that the user chooses.

use std::collections::HashMap;
use std::ops::Range;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, TextEdit, WorkspaceEdit,
};
use serde::{Deserialize, Serialize};

use super::analysis::{Analysis, diagnostic};
use super::document::{Document, Encoding};
use crate::check::{Checker, FileFix, Finding, Fixes, Inserted};
use strports_syntax::{Fix, Span};

/// What the answer to a code action request depends on: document, findings and capabilities.
pub(super) struct Request<'r> {
    pub(super) checker: &'r Checker,
    pub(super) document: &'r Document,
    pub(super) analysis: &'r Analysis,
    pub(super) encoding: Encoding,
    /// Whether the editor supports `codeAction/resolve` for edits, so that they can be sent later.
    pub(super) resolves: bool,
}

/// The data in an action without an edit. [`Request::resolve`] computes the edit from it.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Unresolved {
    /// The URI of the document that the action changes.
    pub(super) uri: String,
    /// The version of the document for which the action was offered. The edit is invalid for
    /// others.
    pub(super) version: i32,
    /// The index of the finding to ignore; `None` if the action fixes the whole file.
    finding: Option<usize>,
}

impl Request<'_> {
    /// Returns the actions for the findings that the requested range touches.
    pub(super) fn actions(&self, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
        let asked = self.document.offset(params.range.start, self.encoding)
            ..self.document.offset(params.range.end, self.encoding);
        let wants = |kind: &CodeActionKind| {
            let only = params.context.only.as_ref();
            only.is_none_or(|only| only.iter().any(|it| kind.as_str().starts_with(it.as_str())))
        };
        let mut actions = Vec::new();
        if wants(&CodeActionKind::QUICKFIX) {
            let findings = self.analysis.findings.iter().enumerate();
            let touched: Vec<_> = findings.filter(|(_, it)| touches(&it.range, &asked)).collect();
            let ignores = self.ignores(&touched);
            for ((_, finding), ignore) in touched.into_iter().zip(ignores) {
                actions.extend(self.fix(finding));
                actions.extend(ignore);
            }
        }
        if wants(&CodeActionKind::SOURCE_FIX_ALL) {
            actions.extend(self.fix_all());
        }
        actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()
    }

    /// Returns the action that applies the fix of one finding; `None` if it has no fix.
    fn fix(&self, finding: &Finding) -> Option<CodeAction> {
        let fix = finding.fix.as_ref()?;
        let edit = TextEdit {
            range: self.document.range(&fix.range, self.encoding),
            new_text: String::from_utf8(fix.replacement.clone()).ok()?,
        };
        Some(CodeAction {
            title: title(fix),
            is_preferred: Some(fix.safe),
            ..self.quick_fix(finding, vec![edit])
        })
    }

    /// Returns for each finding the action that adds an ignore comment. `None` if the file format
    /// has no comments at that position.
    fn ignores(&self, findings: &[(usize, &Finding)]) -> Vec<Option<CodeAction>> {
        let title = |finding: &Finding| format!("ignore `{}` here", finding.rule.slug());
        if !self.resolves {
            let edits = self.ignoring(&findings.iter().map(|(_, it)| *it).collect::<Vec<_>>());
            let action = |(finding, edit): (&Finding, Option<TextEdit>)| {
                Some(CodeAction { title: title(finding), ..self.quick_fix(finding, vec![edit?]) })
            };
            return findings.iter().map(|(_, it)| *it).zip(edits).map(action).collect();
        }
        let checked = self.analysis.checked.as_ref();
        let action = |(index, finding): &(usize, &Finding)| {
            checked?.may_be_ignored(finding).then(|| CodeAction {
                title: title(finding),
                edit: None,
                data: self.unresolved(Some(*index)),
                ..self.quick_fix(finding, Vec::new())
            })
        };
        findings.iter().map(action).collect()
    }

    /// Returns for each finding the edit that adds an ignore comment; `None` where none fits.
    fn ignoring(&self, findings: &[&Finding]) -> Vec<Option<TextEdit>> {
        let comments = self.analysis.checked.as_ref().map(|checked| checked.ignoring(findings));
        let edit = |comment: Option<Inserted>| {
            let Inserted { at, text, .. } = comment?;
            Some(TextEdit { range: self.document.range(&(at..at), self.encoding), new_text: text })
        };
        comments.unwrap_or_default().into_iter().map(edit).collect()
    }

    fn quick_fix(&self, finding: &Finding, edits: Vec<TextEdit>) -> CodeAction {
        CodeAction {
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![diagnostic(finding, self.document, self.encoding)]),
            edit: Some(self.edit(edits)),
            ..CodeAction::default()
        }
    }

    /// Returns the action that applies all safe fixes of the file; `None` if there are none.
    fn fix_all(&self) -> Option<CodeAction> {
        let is_safe = |it: &Finding| it.fix.as_ref().is_some_and(|fix| fix.safe);
        if !self.analysis.findings.iter().any(is_safe) {
            return None;
        }
        let (edit, data) = if self.resolves {
            (None, self.unresolved(None))
        } else {
            (Some(self.edit(vec![self.fixed()?])), None)
        };
        Some(CodeAction {
            title: "write all fixes that are certain".to_owned(),
            kind: Some(CodeActionKind::SOURCE_FIX_ALL),
            edit,
            data,
            ..CodeAction::default()
        })
    }

    /// Returns the edit that applies all safe fixes of the file; `None` if they cannot be applied.
    fn fixed(&self) -> Option<TextEdit> {
        let text = self.document.text().as_bytes();
        let mut checked = self.checker.check_text(&self.document.path, text).ok()?;
        let fixed = checked.fix(Fixes::Safe).ok()?;
        let new_text = String::from_utf8(fixed.first()?.text().to_vec()).ok()?;
        Some(self.difference(&new_text))
    }

    fn unresolved(&self, finding: Option<usize>) -> Option<serde_json::Value> {
        let (uri, version) = (self.document.uri.to_string(), self.document.version);
        serde_json::to_value(Unresolved { uri, version, finding }).ok()
    }

    /// Returns the edit of an action that was offered without one; `None` if it changes nothing.
    pub(super) fn resolve(&self, action: &Unresolved) -> Option<WorkspaceEdit> {
        let edit = match action.finding {
            Some(index) => self.ignoring(&[self.analysis.findings.get(index)?]).pop()??,
            None => self.fixed()?,
        };
        Some(self.edit(vec![edit]))
    }

    /// Returns the smallest edit that turns the text of the document into `new`.
    fn difference(&self, new: &str) -> TextEdit {
        let (range, new_text) = changed(self.document.text(), new);
        let range = self.document.range(&range, self.encoding);
        TextEdit { range, new_text: new_text.to_owned() }
    }

    // `lsp_types` defines `changes` as a map whose keys are URIs, which have interior mutability.
    #[expect(clippy::mutable_key_type, reason = "the type of the protocol")]
    fn edit(&self, edits: Vec<TextEdit>) -> WorkspaceEdit {
        let changes = HashMap::from([(self.document.uri.clone(), edits)]);
        WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
    }
}

fn title(fix: &FileFix) -> String {
    let span = Span::new(fix.range.start, fix.range.end);
    Fix { span, replacement: fix.replacement.clone(), safe: fix.safe }.advice()
}

fn touches(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// Returns the byte range of `old` that differs from `new`, and the text that replaces it.
fn changed<'n>(old: &str, new: &'n str) -> (Range<usize>, &'n str) {
    let same = |(a, b): &(char, char)| a == b;
    let head: usize =
        old.chars().zip(new.chars()).take_while(same).map(|(char, _)| char.len_utf8()).sum();
    let rest = (old[head..].chars().rev()).zip(new[head..].chars().rev());
    let tail: usize = rest.take_while(same).map(|(char, _)| char.len_utf8()).sum();
    (head..old.len() - tail, &new[head..new.len() - tail])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_difference_is_replaced() {
        assert_eq!(changed("aéb", "aéxb"), (3..3, "x"));
        assert_eq!(changed("aa", "aaa"), (2..2, "a"));
        assert_eq!(changed("x", ""), (0..1, ""));
        assert_eq!(changed("same", "same"), (4..4, ""));
    }
}
