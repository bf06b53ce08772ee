/**
 * Twisted's endpoint descriptions: `tcp:8080`, `tls:example.com:443`, `unix:/run/app.sock:mode=660`.
 *
 * Spans count UTF-16 code units, as `String.prototype.slice` does. Otherwise objects equal the JSON
 * of the command. The functions depend only on their arguments.
 *
 * @module
 */

/** A server listens, a client connects. */
export type Role = "server" | "client";

export type Severity = "error" | "warning" | "info";

/** The offsets of the first code unit and of the end. */
export type Span = [start: number, end: number];

export interface RoleOption {
  /** If absent, both are tried; if both fit, `server`, unless the text looks like a client. */
  role?: Role | undefined;
}

export interface ReadOptions extends RoleOption {
  /**
   * The release of Twisted that reads the description, such as `22.4`, or a range of them, such as
   * `>=22.4,<25`. If absent, the newest release.
   */
  twisted?: string | undefined;
}

/** A replacement for the text at a span. */
export interface Fix {
  span: Span;
  replacement: string;
  /** Whether the fix certainly keeps the intended meaning. */
  safe: boolean;
}

/** An error or a lint. */
export interface Diagnostic {
  /** The stable name of the rule; `strports rule CODE` explains it. */
  code: string;
  severity: Severity;
  message: string;
  span: Span;
  help: string | null;
  fix: Fix | null;
}

export interface Argument {
  /** The keyword; null for a positional argument. */
  key: string | null;
  /** Without escapes. */
  value: string;
  span: Span;
}

export type Value = boolean | number | string | string[] | Endpoint | null;

/** The type, and every parameter under its keyword; absent ones have their defaults. */
export interface Endpoint {
  type: string;
  [parameter: string]: Value;
}

/** The JSON of `strports explain`. */
export interface Report {
  description: string;
  role: Role;
  /** Whether there is no error. */
  ok: boolean;
  /** Whether Twisted accepts the description too; null if there are errors. */
  portable: boolean | null;
  /** The outermost arguments without the type. */
  arguments: Argument[];
  /** Null if there are errors. */
  endpoint: Endpoint | null;
  /** The result of `fmt`. */
  canonical: string | null;
  /** Ordered by their spans. */
  diagnostics: Diagnostic[];
  /** The number of omitted findings. */
  more?: number;
  /** The conversion of a text in the form of another program. */
  foreign?: { form: string; results: string[]; losses: string[] };
}

/** The parts of a description with their meanings. */
export interface Anatomy {
  /** The role that the description was read in. */
  role: Role;
  /** Whether the other role fits too. */
  both: boolean;
  /** The behavior of the endpoint in a sentence; null if there are errors. */
  sentence: string | null;
  /** The description, followed by its nested descriptions, outermost first. */
  lines: Line[];
}

export interface Line {
  /** At most its first 400 bytes. */
  text: string;
  /** Whether the text was cut. */
  cut: boolean;
  /** Ordered by their spans. */
  parts: Part[];
  /** The number of further arguments. */
  more: number;
  /** The parameters without arguments, for each type. */
  absent: { type: string; parameters: { name: string; default: string; summary: string }[] }[];
}

export interface Part {
  /** In the text of the line. */
  span: Span;
  /** The role for the type, the keyword of a parameter, or `unused`, `split` or `endpoint`. */
  name: string;
  summary: string;
  /** The value without escapes, if that differs from the text. */
  meaning: string | null;
  value: string;
}

/** A completion for the end of an unfinished description. */
export interface Candidate {
  text: string;
  /** The text that the candidate replaces. */
  span: Span;
  kind: "type" | "keyword" | "value";
  summary: string;
  /** The kind and the default of a parameter; empty for types and values. */
  detail: string;
}

export interface ConvertOptions extends RoleOption {
  /** The form of the text, one of `forms()`; if absent, the form is recognized. */
  from?: string | undefined;
  /** The form of the results; if absent, descriptions. */
  to?: string | undefined;
}

/** The JSON of `strports convert`. */
export interface Conversion {
  text: string;
  /** Null if no form fits. */
  from: string | null;
  to: string;
  results: { text: string; role: Role | null }[];
  /** Options of the text that the results lack. */
  losses: LostPart[];
  /** Addresses without a result. */
  failures: LostPart[];
}

export interface LostPart {
  text: string;
  message: string;
  /** Counted from 1; null if the text has one line. */
  line: number | null;
}

/** A form that `convert` reads and writes. */
export interface Form {
  name: string;
  summary: string;
}

/** One line of `strports types --format json`. */
export interface Type {
  type: string;
  role: Role;
  summary: string;
  /** Twisted itself, an extension of strports, or a package on PyPI. */
  from: "twisted" | "strports" | "package";
  package: string | null;
  version: string | null;
  source: string | null;
  /** The first release of Twisted that has it; null for all. */
  since: string | null;
  /** The last release of Twisted that has it; null if none removed it. */
  until: string | null;
  changes: Change[];
  any_case: boolean;
  /** The role of the description inside it. */
  inside: Role | null;
  note: string | null;
  parameters: Parameter[];
}

export interface Parameter {
  name: string;
  kind: string;
  /** The words of a parameter that takes one of several words. */
  values?: string[];
  required: boolean;
  default: string | null;
  keyword_only: boolean;
  positional_only: boolean;
  extension: boolean;
  since: string | null;
  until: string | null;
  changes: Change[];
  with: string | null;
  summary: string;
  note: string | null;
}

/** A change of behavior between releases of Twisted. */
export interface Change {
  since: string;
  before: string;
  after: string;
}

/**
 * Parses and checks a description.
 *
 * @throws {RangeError} An option has an unknown value.
 */
export function explain(text: string, options?: ReadOptions): Report;

/** The findings of {@link explain}. */
export function check(text: string, options?: ReadOptions): Diagnostic[];

/** The parts of a description with their meanings, and its behavior in a sentence. */
export function anatomy(text: string, options?: RoleOption): Anatomy;

/**
 * The text with its safe fixes, applied in rounds until none is left.
 *
 * @param options `suggestions` also applies fixes that are not safe.
 */
export function fix(text: string, options?: ReadOptions & { suggestions?: boolean }): string;

/** The canonical form; null if there are errors. */
export function fmt(text: string, options?: RoleOption): string | null;

/**
 * The text escaped for a place in a description.
 *
 * @param options `positional` escapes for an argument without a keyword, where `=` is special too.
 */
export function quote(text: string, options?: { positional?: boolean }): string;

/** Completions for the end of an unfinished description. */
export function complete(text: string, options?: RoleOption): Candidate[];

/** Converts addresses and services of other programs to descriptions, and back. */
export function convert(text: string, options?: ConvertOptions): Conversion;

/** The forms of {@link convert}. */
export function forms(): Form[];

/** The releases of Twisted that {@link ReadOptions.twisted} accepts, oldest first. */
export function releases(): string[];

/** The types of Twisted, of strports and of packages, with their parameters. */
export function types(): Type[];
