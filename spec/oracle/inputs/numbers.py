"""Inputs of `int()`, `int(…, 8)` and `bool(int())`: all spellings, accepted and refused."""

from __future__ import annotations

from descriptions import WHITE_SPACE
from inputs import Group

_SIGNS = ["+80", "-80", "-0", "+0", "++80", "--80", "+-80", "+", "-", "+ 5", "- 5", "80+", "-1"]
_UNDERSCORES = ["8_0", "8_0_8_0", "1__0", "_10", "10_", "_", "+8_0", "+_80", "8_ 0", "0_0"]
_NOT_NUMBERS = [
    "", " ", "a", "80a", "8 0", "0x50", "0X50", "0b1", "0o120", "1e3", "80.0", ".5", "80,0", "True",
    "None", "½", "²", "①", "Ⅷ", "\u200b80", "80\ufeff", "\u206080", "８０", "٨٠", "８0", "۸۰", "𝟖𝟎", "−80",
    "\x1c80", "80\x1f", "\x0080", "80\x00", "\x7f80", "80\\", ":80", "∞", "八十", "\u180e80", "\u200b",
]  # fmt: skip

# U+001C to U+001F are `str.isspace` too, but `int()` does not strip them.
_AROUND = [text for c in WHITE_SPACE for text in (c + "80", "80" + c)]

INTEGER = [
    Group("plain", "leading zeros are decimal", [
        "0", "00", "80", "080", "0080", "65535", "65536", "99999", "2147483647", "2147483648",
        "-2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "18446744073709551616", "1" + "0" * 40,
    ]),
    Group("signs", "one sign, directly before the digits", _SIGNS),
    Group("underscores", "single underscores between digits", _UNDERSCORES),
    Group("white-space", "the 25 code points that are stripped, on either side", _AROUND),
    Group("white-space-inside", "several are fine, inside is not", [
        " \t\n80\r\n ", "\u3000\u00a080\u2028", "8\u00a00", "+ 80", " +80 ", " -8_0\n", "\u200980\u200a",
    ]),
    Group("not-numbers", "refused, or digits of another script that Python takes", _NOT_NUMBERS),
    Group("digit-limit", "at most 4300 digits, leading zeros counted, underscores and sign not", [
        "0" * 4299 + "8", "0" * 4300 + "8", "+" + "0" * 4299 + "8", "0_" * 4299 + "8", "9" * 4300,
        "9" * 4301, " " * 5000 + "8",
    ]),
]  # fmt: skip

MODE = [
    Group("octal", "octal digits, with or without a prefix", [
        "0", "7", "660", "0660", "00660", "666", "600", "777", "1777", "7777", "10000", "17777",
        "777777", "0o660", "0O660", "0o0660", "00o660", "0o", "0", "o660", "0o660o", "0o+660", "+0o660",
        "-0o660",
    ]),
    Group("underscores", "one after the prefix is fine as well", [
        "6_60", "6_6_0", "0o_660", "0o__660", "_660", "660_", "6__60", "0_660", "0o6_60", "0O_6_6_0",
    ]),
    Group("signs", "negative modes are numbers too", ["+660", "-660", "-1", "-0", "--660", "+ 660", "-"]),
    Group("white-space", "stripped as for other integers", [
        " 660", "660 ", "\n660\t", "\u00a0660\u3000", " 0o660 ", "6 60", "0o 660", "\x1c660", "\x85660",
    ]),
    Group("not-octal", "other digits and other bases", [
        "", " ", "8", "888", "668", "0x1", "0b11", "1e3", "66.0", "rw-rw----", "u=rw", "６６０", "٦٦٠", "²",
    ]),
    Group("digit-limit", "a power of two as base: there is no limit", ["0" * 5000 + "660", "0o" + "0" * 5000 + "7"]),
]  # fmt: skip

FLAG = [
    Group("flag", "any integer; all but zero are true", [
        "0", "1", "2", "-1", "-3", "-0", "+0", "00", "01", "0_0", "0_1", " 1 ", " 0\n", "10", "\u30001",
        "9223372036854775808", "", " ", "yes", "no", "true", "True", "False", "on", "off", "0x1", "1.0",
        "١", "０",
    ]),
]  # fmt: skip
