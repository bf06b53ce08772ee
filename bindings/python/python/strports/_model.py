"""The classes that the functions of `strports` return and raise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping, Optional, Tuple, Union

if TYPE_CHECKING:
    from typing import Literal

    from . import _native

    Role = Literal["server", "client"]
    Severity = Literal["error", "warning", "info"]

#: The offsets of the first character of a range, and of the one after its end.
Span = Tuple[int, int]
#: A line and a column of a file, both from 1.
Place = Tuple[int, int]


@dataclass(frozen=True)
class Fix:
    """A replacement for a part of a description, which corrects a finding."""

    #: The part of the description that is replaced, in characters.
    span: Span
    replacement: str
    #: Whether the fix is certain to keep the intended meaning.
    safe: bool


@dataclass(frozen=True)
class Diagnostic:
    """One finding in a description: an error or a lint."""

    #: The stable name of the error or lint, such as ``multiple-values``.
    code: str
    severity: Severity
    #: What is wrong, in one clause.
    message: str
    #: The part of the description that the finding is about, in characters.
    span: Span
    #: Advice on what to write instead; `None` if there is none.
    help: Optional[str] = None
    #: The suggested correction; `None` if there is none.
    fix: Optional[Fix] = None

    @classmethod
    def _from(cls, native: _native._Diagnostic) -> Diagnostic:
        code, severity, message, span, help, fix = native
        return cls(
            code,
            severity,  # type: ignore[arg-type]
            message,
            span,
            help,
            None if fix is None else Fix(*fix),
        )


class ParseError(ValueError):
    """A description is invalid. ``str(error)`` says why, often with a suggestion."""

    def __init__(
        self, message: str, description: str, diagnostic: Union[Diagnostic, _native._Diagnostic]
    ) -> None:
        super().__init__(message, description, diagnostic)
        #: The whole invalid description.
        self.description = description
        #: The first error in the description.
        self.diagnostic = (
            diagnostic if isinstance(diagnostic, Diagnostic) else Diagnostic._from(diagnostic)
        )

    def __str__(self) -> str:
        return str(self.args[0])

    @property
    def code(self) -> str:
        """The stable name of the error, such as ``not-an-integer``."""
        return self.diagnostic.code

    @property
    def span(self) -> Span:
        """The part of the description that the error is about, in characters."""
        return self.diagnostic.span

    @property
    def help(self) -> Optional[str]:
        """Advice on what to write instead; `None` if there is none."""
        return self.diagnostic.help

    @property
    def fix(self) -> Optional[Fix]:
        """The suggested correction; `None` if there is none."""
        return self.diagnostic.fix


@dataclass(frozen=True)
class Endpoint:
    """A parsed description: a type with the values of its parameters.

    ``endpoint["port"]`` is the value of a parameter, including defaults, or `None` if it has no
    value. A nested endpoint is an `Endpoint`. Endpoints are equal if they have the same role and
    the same canonical form.
    """

    #: The type, such as ``tcp``.
    type: str
    role: Role
    #: The description in canonical form.
    canonical: str
    #: The value of every parameter, by its keyword; `None` if it has no value.
    values: Mapping[str, Any]

    @classmethod
    def _from(cls, native: _native._Endpoint) -> Endpoint:
        type, role, canonical, values = native
        for name, value in values.items():
            if isinstance(value, tuple):
                values[name] = cls._from(value)
        return cls(type, role, canonical, values)  # type: ignore[arg-type]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def __str__(self) -> str:
        return self.canonical

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Endpoint):
            return NotImplemented
        return (self.role, self.canonical) == (other.role, other.canonical)

    def __hash__(self) -> int:
        return hash((self.role, self.canonical))


@dataclass(frozen=True)
class Report:
    """The result of checking one description."""

    description: str
    #: The role in which the description was parsed.
    role: Role
    #: Whether Twisted accepts the description too; `None` if there are errors.
    portable: Optional[bool]
    #: The description in canonical form; `None` if there are errors.
    canonical: Optional[str]
    #: The description with all safe fixes; `None` if there are none, or if errors remain.
    corrected: Optional[str]
    #: The parsed description; `None` if there are errors.
    endpoint: Optional[Endpoint]
    #: The errors and lints, ordered by their spans.
    diagnostics: Tuple[Diagnostic, ...]
    #: How many further findings a description with very many leaves out.
    more: int

    @property
    def ok(self) -> bool:
        """Whether the description has no errors."""
        return self.endpoint is not None


@dataclass(frozen=True)
class FileFix:
    """A replacement for the text between two positions of a file, which corrects a finding."""

    start: Place
    end: Place
    #: The replacement, quoted as the format of the file requires.
    replacement: str
    #: Whether the fix is certain to keep the intended meaning.
    safe: bool


@dataclass(frozen=True)
class Finding:
    """One finding in a file: an error or a lint."""

    path: str
    start: Place
    end: Place
    #: The stable name of the rule, such as ``multiple-values``.
    rule: str
    severity: Severity
    message: str
    help: Optional[str]
    #: The description, without the file's quoting; `None` if the finding is about none.
    description: Optional[str]
    #: The role of that description.
    role: Optional[Role]
    fix: Optional[FileFix]

    @classmethod
    def _from(cls, native: _native._Finding) -> Finding:
        path, start, end, rule, severity, message, help, description, role, fix = native
        return cls(
            path,
            start,
            end,
            rule,
            severity,  # type: ignore[arg-type]
            message,
            help,
            description,
            role,  # type: ignore[arg-type]
            None if fix is None else FileFix(*fix),
        )


@dataclass(frozen=True)
class Problem:
    """A file that could not be checked, or an error in a configuration."""

    message: str
    #: Whether the check is incomplete; `False` if skipping the file is expected.
    is_failure: bool


@dataclass(frozen=True)
class Checked:
    """The result of checking files."""

    findings: Tuple[Finding, ...]
    problems: Tuple[Problem, ...]
    #: How many files were read.
    files: int
    #: How many descriptions these files contain.
    descriptions: int

    @classmethod
    def _from(cls, native: _native._Files) -> Checked:
        findings, problems, files, descriptions = native
        return cls(
            tuple(Finding._from(it) for it in findings),
            tuple(Problem(*it) for it in problems),
            files,
            descriptions,
        )


@dataclass(frozen=True)
class Parameter:
    """A parameter that a type of descriptions takes."""

    name: str
    #: Which values the parameter takes, in words such as ``port``.
    kind: str
    required: bool
    #: The default as text; `None` if there is none.
    default: Optional[str]
    #: Whether the parameter must be given by its keyword.
    keyword_only: bool
    #: Whether only strports has the parameter, and Twisted does not.
    extension: bool
    summary: str


@dataclass(frozen=True)
class Type:
    """A type of descriptions, such as ``tcp``, for one role."""

    name: str
    role: Role
    summary: str
    #: Whether only strports has the type, and Twisted does not.
    extension: bool
    #: The parameters; positional ones come first, in order.
    parameters: Tuple[Parameter, ...]
