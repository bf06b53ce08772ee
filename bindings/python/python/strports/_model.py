"""What the functions of `strports` return and raise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping, Optional, Tuple, Union

if TYPE_CHECKING:
    from typing import Literal

    from . import _native

    Role = Literal["server", "client"]
    Severity = Literal["error", "warning", "info"]

#: A half-open range of characters.
Span = Tuple[int, int]
#: A line and a column of a file, both from 1.
Place = Tuple[int, int]


@dataclass(frozen=True)
class Fix:
    """What to write instead of a part of a description."""

    span: Span
    replacement: str
    #: Whether it is certain to be what was meant.
    safe: bool


@dataclass(frozen=True)
class Diagnostic:
    """One finding in a description."""

    #: The stable name of the error or lint, such as ``multiple-values``.
    code: str
    severity: Severity
    #: What is wrong, in one clause.
    message: str
    #: The characters of the description that it is about.
    span: Span
    help: Optional[str] = None
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
    """A description that cannot be read; ``str(error)`` says why and what to write instead."""

    def __init__(
        self, message: str, description: str, diagnostic: Union[Diagnostic, _native._Diagnostic]
    ) -> None:
        super().__init__(message, description, diagnostic)
        #: The text that was read.
        self.description = description
        #: What is wrong in it.
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
        """The characters of the description that it is about."""
        return self.diagnostic.span

    @property
    def help(self) -> Optional[str]:
        """What to do."""
        return self.diagnostic.help

    @property
    def fix(self) -> Optional[Fix]:
        """What to write instead, if that is known."""
        return self.diagnostic.fix


@dataclass(frozen=True)
class Endpoint:
    """Where a description says to listen or connect.

    ``endpoint["port"]`` is the value of a parameter, also where the description leaves it to its
    default; it is `None` where there is none. An endpoint inside another one is an `Endpoint`.
    Endpoints are equal if they have the same role and the same canonical form.
    """

    #: The type, such as ``tcp``.
    type: str
    role: Role
    #: The description in canonical form.
    canonical: str
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
    """The findings of one description."""

    description: str
    #: The role that it was read in.
    role: Role
    #: Whether Twisted reads it too; `None` if there are errors.
    portable: Optional[bool]
    #: The canonical form; `None` if there are errors.
    canonical: Optional[str]
    #: The description with its safe fixes; `None` if there are none, or errors are left.
    corrected: Optional[str]
    #: `None` if there are errors.
    endpoint: Optional[Endpoint]
    #: Errors and lints in the order of their places.
    diagnostics: Tuple[Diagnostic, ...]
    #: How many findings were left out.
    more: int

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return self.endpoint is not None


@dataclass(frozen=True)
class FileFix:
    """What to write into a file instead of what stands between two places."""

    start: Place
    end: Place
    #: Quoted as the file wants it.
    replacement: str
    safe: bool


@dataclass(frozen=True)
class Finding:
    """One finding in a file."""

    path: str
    start: Place
    end: Place
    #: The stable name of the rule, such as ``multiple-values``.
    rule: str
    severity: Severity
    message: str
    help: Optional[str]
    #: The description as the program reads it, if the finding is about one.
    description: Optional[str]
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
    """A file that was not checked, or a mistake in a configuration."""

    message: str
    #: Whether it had to be checked; `False` if it was left out as planned.
    is_failure: bool


@dataclass(frozen=True)
class Checked:
    """The findings of files."""

    findings: Tuple[Finding, ...]
    problems: Tuple[Problem, ...]
    #: How many files were read.
    files: int
    #: How many descriptions were found in them.
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
    """One parameter of a type."""

    name: str
    #: What it takes, in words.
    kind: str
    required: bool
    #: The text of its default, if it has one.
    default: Optional[str]
    keyword_only: bool
    #: Whether Twisted lacks it.
    extension: bool
    summary: str


@dataclass(frozen=True)
class Type:
    """One type of descriptions."""

    name: str
    role: Role
    summary: str
    #: Whether Twisted lacks it.
    extension: bool
    #: In the order of their places.
    parameters: Tuple[Parameter, ...]
