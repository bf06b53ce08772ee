//! The state of a session with one client, and the answer to each request.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_server::{Notification, Request};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability,
    CompletionOptions, CompletionResponse, DidChangeWatchedFilesRegistrationOptions,
    DocumentLinkOptions, FileSystemWatcher, GlobPattern, HoverProviderCapability, InitializeParams,
    InitializeResult, OneOf, PublishDiagnosticsParams, Registration, RegistrationParams,
    SaveOptions, SemanticTokens, SemanticTokensFullOptions, SemanticTokensOptions,
    SemanticTokensServerCapabilities, ServerCapabilities, ServerInfo, TextDocumentPositionParams,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, Uri,
    WorkDoneProgressOptions,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::analysis::Analysis;
use super::document::{Document, Encoding, path_of};
use super::{actions, completion, configuration, format, hover, links, tokens};
use crate::check::{Checker, Descriptions, Memory, Options, is_configuration};

/// The state of a session with one client.
pub(super) struct Server {
    options: Options,
    /// The linter. It caches configurations, so it is replaced when one of them changes.
    checker: Checker,
    /// The open documents, by their URIs as text.
    documents: BTreeMap<String, Open>,
    /// The URIs of documents that changed since their diagnostics were last sent.
    changed: BTreeSet<String>,
    encoding: Encoding,
    /// The paths of the workspace folders.
    roots: Vec<PathBuf>,
    watches: bool,
    /// Whether the client supports `codeAction/resolve` for edits, so that they can be sent later.
    resolves: bool,
}

/// An open document, and the analysis of its current version once that was needed.
struct Open {
    document: Document,
    analysis: Option<Analysis>,
    /// The results for the previous version, which speed up checking the next one.
    memory: Arc<Memory>,
}

impl Open {
    fn new(document: Document) -> Self {
        Self { document, analysis: None, memory: Arc::default() }
    }
}

/// The answer to a request: a result, or why there is none.
pub(super) enum Answer {
    Is(Value),
    /// The server does not support the requested method.
    Unknown,
    Malformed(serde_json::Error),
}

impl Server {
    pub(super) fn new(params: &InitializeParams, options: Options) -> Self {
        let ClientCapabilities { general, workspace, text_document, .. } = &params.capabilities;
        let known = general.as_ref().and_then(|it| it.position_encodings.as_deref());
        let watched = workspace.as_ref().and_then(|it| it.did_change_watched_files);
        let folders = params.workspace_folders.iter().flatten();
        let actions = text_document.as_ref().and_then(|it| it.code_action.as_ref());
        let resolves = actions.is_some_and(|it| {
            let of_edits = it
                .resolve_support
                .as_ref()
                .is_some_and(|it| it.properties.contains(&"edit".into()));
            of_edits && it.data_support == Some(true)
        });
        Self {
            checker: Checker::new(options.clone()),
            options,
            documents: BTreeMap::new(),
            changed: BTreeSet::new(),
            encoding: Encoding::best_of(known),
            roots: folders.map(|folder| path_of(&folder.uri)).collect(),
            watches: watched.is_some_and(|it| it.dynamic_registration == Some(true)),
            resolves,
        }
    }

    pub(super) fn initialize_result(&self) -> InitializeResult {
        let sync = TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(SaveOptions::default().into()),
            ..TextDocumentSyncOptions::default()
        };
        let actions = CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::SOURCE_FIX_ALL]),
            resolve_provider: Some(self.resolves),
            ..CodeActionOptions::default()
        };
        let tokens = SemanticTokensOptions {
            legend: tokens::legend(),
            range: Some(true),
            full: Some(SemanticTokensFullOptions::Bool(true)),
            ..SemanticTokensOptions::default()
        };
        let triggers = [":", "=", "[", "\""].map(str::to_owned).to_vec();
        let capabilities = ServerCapabilities {
            position_encoding: Some(self.encoding.kind()),
            text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(triggers),
                ..CompletionOptions::default()
            }),
            code_action_provider: Some(CodeActionProviderCapability::Options(actions)),
            document_formatting_provider: Some(OneOf::Left(true)),
            document_range_formatting_provider: Some(OneOf::Left(true)),
            document_link_provider: Some(DocumentLinkOptions {
                resolve_provider: Some(false),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            semantic_tokens_provider: Some(
                SemanticTokensServerCapabilities::SemanticTokensOptions(tokens),
            ),
            ..ServerCapabilities::default()
        };
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        let server_info = Some(ServerInfo { name: "strports".to_owned(), version });
        InitializeResult { capabilities, server_info }
    }

    /// Returns the request to be notified when a `strports.toml` changes on disk. `None` if the
    /// client cannot watch files.
    pub(super) fn interests(&self) -> Option<RegistrationParams> {
        let watchers = vec![FileSystemWatcher {
            glob_pattern: GlobPattern::String("**/strports.toml".to_owned()),
            kind: None,
        }];
        let options = DidChangeWatchedFilesRegistrationOptions { watchers };
        let registration = Registration {
            id: "configurations".to_owned(),
            method: notification::DidChangeWatchedFiles::METHOD.to_owned(),
            register_options: serde_json::to_value(options).ok(),
        };
        self.watches.then(|| RegistrationParams { registrations: vec![registration] })
    }

    /// Handles a notification, such as a change of a document; ignores unknown and malformed ones.
    pub(super) fn notice(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        match &*method {
            notification::DidOpenTextDocument::METHOD => {
                if let Some(params) = read::<notification::DidOpenTextDocument>(params) {
                    let it = params.text_document;
                    let key = it.uri.as_str().to_owned();
                    let document = Document::new(it.uri, it.version, it.text);
                    self.documents.insert(key.clone(), Open::new(document));
                    self.changed.insert(key);
                }
            }
            notification::DidChangeTextDocument::METHOD => {
                if let Some(params) = read::<notification::DidChangeTextDocument>(params) {
                    let it = params.text_document;
                    let key = it.uri.as_str();
                    if let Some(open) = self.documents.get_mut(key) {
                        open.document.change(it.version, params.content_changes, self.encoding);
                        open.analysis = None;
                        self.changed.insert(key.to_owned());
                    }
                }
            }
            notification::DidSaveTextDocument::METHOD => {
                if let Some(params) = read::<notification::DidSaveTextDocument>(params)
                    && is_configuration(&path_of(&params.text_document.uri))
                {
                    self.read_configurations_again();
                }
            }
            notification::DidCloseTextDocument::METHOD => {
                if let Some(params) = read::<notification::DidCloseTextDocument>(params) {
                    let key = params.text_document.uri.as_str();
                    self.documents.remove(key);
                    // Sends an empty list of diagnostics, which makes the editor remove the old
                    // ones.
                    self.changed.insert(key.to_owned());
                }
            }
            notification::DidChangeWatchedFiles::METHOD
            | notification::DidChangeConfiguration::METHOD => self.read_configurations_again(),
            _ => {}
        }
    }

    fn read_configurations_again(&mut self) {
        self.checker = Checker::new(self.options.clone());
        for (key, open) in &mut self.documents {
            (open.analysis, open.memory) = (None, Arc::default());
            self.changed.insert(key.clone());
        }
    }

    /// Drops all analyses, because one that a cancelled request began may be incomplete.
    pub(super) fn forget_unfinished(&mut self) {
        self.documents.values_mut().for_each(|open| open.analysis = None);
    }

    /// Returns the diagnostics of documents that changed since the last call.
    pub(super) fn changed_diagnostics(&mut self) -> Vec<PublishDiagnosticsParams> {
        let mut all = Vec::new();
        for key in std::mem::take(&mut self.changed) {
            let encoding = self.encoding;
            all.extend(match self.open(&key) {
                Some((document, analysis)) => Some(PublishDiagnosticsParams {
                    uri: document.uri.clone(),
                    diagnostics: analysis.diagnostics(document, encoding),
                    version: Some(document.version),
                }),
                None => key.parse().ok().map(|uri| PublishDiagnosticsParams {
                    uri,
                    diagnostics: Vec::new(),
                    version: None,
                }),
            });
        }
        all
    }

    /// Returns an open document and its analysis, which is computed if it is missing. `None` if no
    /// document with this URI is open.
    fn open(&mut self, key: &str) -> Option<(&Document, &Analysis)> {
        let Open { document, analysis, memory } = self.documents.get_mut(key)?;
        let check = || Analysis::new(&self.checker, document, memory);
        let analysis = analysis.get_or_insert_with(check);
        Some((document, analysis))
    }

    /// Returns an open document and its descriptions. `None` if the document is not open or its
    /// format is unknown.
    fn described(&mut self, key: &str) -> Option<(&Document, Descriptions<'_>)> {
        let (document, analysis) = self.open(key)?;
        Some((document, analysis.descriptions()?))
    }

    pub(super) fn answer(&mut self, request: Request) -> Answer {
        let Request { method, params, .. } = request;
        match &*method {
            request::HoverRequest::METHOD => {
                self.with::<request::HoverRequest>(params, |server, params| server.hover(&params))
            }
            request::Completion::METHOD => self
                .with::<request::Completion>(params, |server, params| server.completion(&params)),
            request::CodeActionRequest::METHOD => {
                self.with::<request::CodeActionRequest>(params, |server, params| {
                    let key = params.text_document.uri.as_str();
                    Some(server.actions(key)?.actions(&params))
                })
            }
            request::CodeActionResolveRequest::METHOD => self
                .with::<request::CodeActionResolveRequest>(params, |server, mut action| {
                    let about =
                        action.data.clone().map(serde_json::from_value::<actions::Unresolved>);
                    if let Some(Ok(about)) = about {
                        action.edit = server.resolve(&about);
                    }
                    action
                }),
            request::Formatting::METHOD => {
                self.with::<request::Formatting>(params, |server, params| {
                    let encoding = server.encoding;
                    let key = params.text_document.uri.as_str();
                    let (document, descriptions) = server.described(key)?;
                    let whole = 0..document.text().len();
                    Some(format::format(descriptions, document, &whole, encoding))
                })
            }
            request::RangeFormatting::METHOD => {
                self.with::<request::RangeFormatting>(params, |server, params| {
                    let encoding = server.encoding;
                    let key = params.text_document.uri.as_str();
                    let (document, descriptions) = server.described(key)?;
                    let range = bytes(document, params.range, encoding);
                    Some(format::format(descriptions, document, &range, encoding))
                })
            }
            request::DocumentLinkRequest::METHOD => {
                self.with::<request::DocumentLinkRequest>(params, |server, params| {
                    let (encoding, roots) = (server.encoding, server.roots.clone());
                    let key = params.text_document.uri.as_str();
                    let (document, descriptions) = server.described(key)?;
                    Some(links::links(descriptions, document, &roots, encoding))
                })
            }
            request::SemanticTokensFullRequest::METHOD => self
                .with::<request::SemanticTokensFullRequest>(params, |server, params| {
                    server.tokens(&params.text_document.uri, None).map(Into::into)
                }),
            request::SemanticTokensRangeRequest::METHOD => self
                .with::<request::SemanticTokensRangeRequest>(params, |server, params| {
                    server.tokens(&params.text_document.uri, Some(params.range)).map(Into::into)
                }),
            _ => Answer::Unknown,
        }
    }

    /// Deserializes the parameters of a request, calls `answer`, and serializes the result.
    fn with<R>(
        &mut self,
        params: Value,
        answer: impl FnOnce(&mut Self, R::Params) -> R::Result,
    ) -> Answer
    where
        R: request::Request<Params: DeserializeOwned, Result: Serialize>,
    {
        let params = match serde_json::from_value(params) {
            Ok(params) => params,
            Err(error) => return Answer::Malformed(error),
        };
        match serde_json::to_value(answer(self, params)) {
            Ok(value) => Answer::Is(value),
            Err(error) => Answer::Malformed(error),
        }
    }

    fn hover(&mut self, params: &lsp_types::HoverParams) -> Option<lsp_types::Hover> {
        let encoding = self.encoding;
        let (document, offset) = self.at(&params.text_document_position_params)?;
        if is_configuration(&document.path) {
            return configuration::hover(document, offset);
        }
        let key = params.text_document_position_params.text_document.uri.as_str();
        let (document, descriptions) = self.described(key)?;
        hover::hover(descriptions, document, offset, encoding)
    }

    fn completion(&mut self, params: &lsp_types::CompletionParams) -> Option<CompletionResponse> {
        let encoding = self.encoding;
        let (document, offset) = self.at(&params.text_document_position)?;
        let items = if is_configuration(&document.path) {
            configuration::completion(document, offset)
        } else {
            let key = params.text_document_position.text_document.uri.as_str();
            let roots = self.roots.clone();
            let (document, descriptions) = self.described(key)?;
            let folders = roots.iter().map(PathBuf::as_path).chain(document.path.parent());
            let folders: Vec<&Path> = folders.filter(|it| it.is_absolute()).collect();
            completion::completion(descriptions, document, offset, &folders, encoding)
        };
        Some(CompletionResponse::Array(items))
    }

    /// Returns what code actions of a document depend on; `None` if the document is not open.
    fn actions(&mut self, key: &str) -> Option<actions::Request<'_>> {
        self.open(key)?;
        let Open { document, analysis, .. } = self.documents.get(key)?;
        let (checker, analysis) = (&self.checker, analysis.as_ref()?);
        let (encoding, resolves) = (self.encoding, self.resolves);
        Some(actions::Request { checker, document, analysis, encoding, resolves })
    }

    /// Returns the edit of an action; `None` if the document has changed since it was offered.
    fn resolve(&mut self, action: &actions::Unresolved) -> Option<lsp_types::WorkspaceEdit> {
        let request = self.actions(&action.uri)?;
        (request.document.version == action.version).then(|| request.resolve(action)).flatten()
    }

    fn tokens(&mut self, uri: &Uri, range: Option<lsp_types::Range>) -> Option<SemanticTokens> {
        let encoding = self.encoding;
        let (document, descriptions) = self.described(uri.as_str())?;
        let whole = 0..document.text().len();
        let range = range.map_or(whole, |range| bytes(document, range, encoding));
        let data = tokens::tokens(descriptions, document, &range, encoding);
        Some(SemanticTokens { result_id: None, data })
    }

    /// Returns the document that a request refers to, and the byte offset of the position in it.
    fn at(&self, place: &TextDocumentPositionParams) -> Option<(&Document, usize)> {
        let Open { document, .. } = self.documents.get(place.text_document.uri.as_str())?;
        Some((document, document.offset(place.position, self.encoding)))
    }
}

fn read<N: notification::Notification>(params: Value) -> Option<N::Params> {
    serde_json::from_value(params).ok()
}

fn bytes(
    document: &Document,
    range: lsp_types::Range,
    encoding: Encoding,
) -> std::ops::Range<usize> {
    document.offset(range.start, encoding)..document.offset(range.end, encoding)
}
