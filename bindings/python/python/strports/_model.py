"""The classes that the functions of `strports` return and raise."""

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
    """The replacement of a part of a description."""

    span: Span
    replacement: str
    #: Whether the fix is certain to keep the intended meaning.
    safe: bool


@dataclass(frozen=True)
class Diagnostic:
    """One finding in a description."""

    #: The stable name of the error or lint, such as ``multiple-values``.
    code: str
    severity: Severity
    #: The problem, in one clause.
    message: str
    #: The span in the description, in characters.
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
    """An invalid description; ``str(error)`` is the reason and a suggestion."""

    def __init__(
        self, message: str, description: str, diagnostic: Union[Diagnostic, _native._Diagnostic]
    ) -> None:
        super().__init__(message, description, diagnostic)
        #: The invalid description.
        self.description = description
        #: The error.
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
        """The span in the description, in characters."""
        return self.diagnostic.span

    @property
    def help(self) -> Optional[str]:
        """Advice, if there is any."""
        return self.diagnostic.help

    @property
    def fix(self) -> Optional[Fix]:
        """The suggested replacement, if there is one."""
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
    #: The role in which it was parsed.
    role: Role
    #: Whether Twisted accepts it, too; `None` if there are errors.
    portable: Optional[bool]
    #: The canonical form; `None` if there are errors.
    canonical: Optional[str]
    #: The description with all safe fixes; `None` if there are none, or if errors remain.
    corrected: Optional[str]
    #: `None` if there are errors.
    endpoint: Optional[Endpoint]
    #: Errors and lints, ordered by their spans.
    diagnostics: Tuple[Diagnostic, ...]
    #: The number of omitted findings.
    more: int

    @property
    def ok(self) -> bool:
        """Whether the description has no errors."""
        return self.endpoint is not None


@dataclass(frozen=True)
class FileFix:
    """The replacement of a part of a file, between two positions."""

    start: Place
    end: Place
    #: The replacement, quoted for the format of the file.
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
    #: The description without the file's quoting, if the finding is about one.
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
    #: Whether the file should have been checked; `False` if skipping it is expected.
    is_failure: bool


@dataclass(frozen=True)
class Checked:
    """The findings of files."""

    findings: Tuple[Finding, ...]
    problems: Tuple[Problem, ...]
    #: The number of files read.
    files: int
    #: The number of descriptions found.
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
    #: The kind of value, in words.
    kind: str
    required: bool
    #: The default as text, if there is one.
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
    #: The parameters; positional ones come first, in order.
    parameters: Tuple[Parameter, ...]
