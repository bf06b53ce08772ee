"""The compiled module: strings in, tuples out. `strports` turns the tuples into classes."""

from typing import Any, Dict, List, Optional, Sequence, Tuple, Union
from os import PathLike

_Span = Tuple[int, int]
_Diagnostic = Tuple[str, str, str, _Span, Optional[str], Optional[Tuple[_Span, str, bool]]]
_Endpoint = Tuple[str, str, str, Dict[str, Any]]
_Report = Tuple[
    str, Optional[bool], Optional[str], Optional[str], Optional[_Endpoint], List[_Diagnostic], int
]
_Finding = Tuple[
    str, _Span, _Span, str, str, str, Optional[str], Optional[str], Optional[str],
    Optional[Tuple[_Span, _Span, str, bool]],
]
_Files = Tuple[List[_Finding], List[Tuple[str, bool]], int, int]
_Parameter = Tuple[str, str, bool, Optional[str], bool, bool, str]
_Type = Tuple[str, str, str, bool, List[_Parameter]]

def parse(text: str, is_server: bool, /) -> _Endpoint: ...
def check(text: str, role: Optional[str], twisted: Optional[str], /) -> _Report: ...
def check_json(text: str, role: Optional[str], twisted: Optional[str], /) -> str: ...
def explain(text: str, role: Optional[str], /) -> str: ...
def fmt(text: str, role: Optional[str], /) -> str: ...
def quote(text: str, place: str, /) -> str: ...
def check_files(
    paths: Sequence[Union[str, PathLike[str]]], options: Dict[str, Any], /
) -> _Files: ...
def check_text(
    path: Union[str, PathLike[str]], text: bytes, options: Dict[str, Any], /
) -> _Files: ...
def types(role: Optional[str], /) -> List[_Type]: ...
