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

/** The offset of the first UTF-16 code unit of a range, and that of the one after its end. */
export type Span = [start: number, end: number];

export interface RoleOption {
  /**
   * The role of the description. If absent, both are tried. If both fit, it is `server`, unless the
   * text looks like a client.
   */
  role?: Role | undefined;
}

export interface ReadOptions extends RoleOption {
  /**
   * The release of Twisted that reads the description, such as `22.4`, or a range of them, such as
   * `>=22.4,<25`. If absent, it is the newest release.
   */
  twisted?: string | undefined;
}

/** A replacement for a part of a description, which corrects a finding. */
export interface Fix {
  span: Span;
  replacement: string;
  /** Whether the fix is certain to keep the intended meaning. */
  safe: boolean;
}

/** A finding in a description: an error or a lint. */
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
  /** The value without escapes. */
  value: string;
  span: Span;
}

export type Value = boolean | number | string | string[] | Endpoint | null;

/** A parsed description: its type, and each parameter's value or default by keyword. */
export interface Endpoint {
  type: string;
  [parameter: string]: Value;
}

/** The JSON of `strports explain`. */
export interface Report {
  description: string;
  role: Role;
  /** Whether the description has no errors. */
  ok: boolean;
  /** Whether Twisted accepts the description too; null if there are errors. */
  portable: boolean | null;
  /** The arguments after the type; those of a nested description are part of one value. */
  arguments: Argument[];
  /** The parsed description; null if there are errors. */
  endpoint: Endpoint | null;
  /** The description in canonical form; null if there are errors. */
  canonical: string | null;
  /** The errors and lints, ordered by their spans. */
  diagnostics: Diagnostic[];
  /** How many further findings are left out of `diagnostics`; absent if none. */
  more?: number;
  /** What the text converts to, if it is an address of another program such as socat. */
  foreign?: { form: string; results: string[]; losses: string[] };
}

/** What each part of a description means. */
export interface Anatomy {
  /** The role in which the description was parsed. */
  role: Role;
  /** Whether the description is valid in the other role too. */
  both: boolean;
  /** What the endpoint does, in a sentence; null if there are errors. */
  sentence: string | null;
  /** A line for the description and for each nested one, the outermost first. */
  lines: Line[];
}

/** One description, which may be nested in another, and its parts. */
export interface Line {
  /** The text of the description, cut after 400 bytes. */
  text: string;
  /** Whether the text was longer and is cut. */
  cut: boolean;
  /** The type and the arguments, ordered by their spans. */
  parts: Part[];
  /** The number of arguments beyond the parts that are listed. */
  more: number;
  /** The parameters that have no argument, grouped by type. */
  absent: { type: string; parameters: { name: string; default: string; summary: string }[] }[];
}

/** A part of a description, such as one argument, and what it means. */
export interface Part {
  /** The range of the part in the text of its line. */
  span: Span;
  /** The role for the type, the keyword of a parameter, or `unused`, `split` or `endpoint`. */
  name: string;
  summary: string;
  /** The value as it is understood; null if the text already shows it. */
  meaning: string | null;
  /** The value without escapes, shortened if it is long. */
  value: string;
}

/** A text that can follow the end of an unfinished description. */
export interface Candidate {
  text: string;
  /** The text that the candidate replaces. */
  span: Span;
  kind: "type" | "keyword" | "value";
  summary: string;
  /** For a keyword, which values its parameter takes and its default; otherwise empty. */
  detail: string;
}

export interface ConvertOptions extends RoleOption {
  /** The name of the text's form, one of `forms()`. If absent, the form is recognized. */
  from?: string | undefined;
  /** The name of the form of the results. If absent, they are descriptions. */
  to?: string | undefined;
}

/** The JSON of `strports convert`. */
export interface Conversion {
  text: string;
  /** The name of the form that the text was read in; null if no form fits. */
  from: string | null;
  to: string;
  results: { text: string; role: Role | null }[];
  /** The parts of the text that the results do not express. */
  losses: LostPart[];
  /** The parts of the text that have no result at all. */
  failures: LostPart[];
}

/** A part of a converted text that is not in the results, and why. */
export interface LostPart {
  text: string;
  message: string;
  /** The number of its line, from 1; null if the text has only one line. */
  line: number | null;
}

/** A form of text that `convert` reads and writes, such as socat's. */
export interface Form {
  name: string;
  summary: string;
}

/** A type of descriptions: one line of `strports types --format json`. */
export interface Type {
  type: string;
  role: Role;
  summary: string;
  /** Where the type comes from: Twisted itself, strports, or a package on PyPI. */
  from: "twisted" | "strports" | "package";
  package: string | null;
  version: string | null;
  source: string | null;
  /** The first release of Twisted that has the type; null if all releases have it. */
  since: string | null;
  /** The last release of Twisted that has the type; null if none has removed it. */
  until: string | null;
  changes: Change[];
  any_case: boolean;
  /** The role of the description that is nested in it; null if none is. */
  inside: Role | null;
  note: string | null;
  parameters: Parameter[];
}

export interface Parameter {
  name: string;
  kind: string;
  /** The words that the parameter takes; absent if it takes other values. */
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

/** Returns the errors and lints in a description, as {@link explain} does. */
export function check(text: string, options?: ReadOptions): Diagnostic[];

/** Returns what each part of a description means, and what the endpoint does. */
export function anatomy(text: string, options?: RoleOption): Anatomy;

/**
 * Returns the text with its safe fixes, which are applied in rounds until none is left.
 *
 * @param options `suggestions` also applies fixes that are not safe.
 */
export function fix(text: string, options?: ReadOptions & { suggestions?: boolean }): string;

/** Returns the description in canonical form; null if there are errors. */
export function fmt(text: string, options?: RoleOption): string | null;

/**
 * Escapes a text so that a description can contain it as a value.
 *
 * @param options `positional` escapes for an argument without a keyword, where `=` is special too.
 */
export function quote(text: string, options?: { positional?: boolean }): string;

/** Returns the texts that can follow the end of an unfinished description. */
export function complete(text: string, options?: RoleOption): Candidate[];

/** Converts addresses and services of other programs to descriptions, and back. */
export function convert(text: string, options?: ConvertOptions): Conversion;

/** Returns the forms that {@link convert} reads and writes. */
export function forms(): Form[];

/** Returns the releases of Twisted that {@link ReadOptions.twisted} accepts, oldest first. */
export function releases(): string[];

/** Returns the types of Twisted, of strports and of packages, with their parameters. */
export function types(): Type[];
