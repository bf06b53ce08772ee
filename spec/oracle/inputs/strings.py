"""Inputs of `_tokenize`, `_parse` and `quoteStringArgument`: the string layer."""

from __future__ import annotations

from itertools import product

from inputs import Group

PARSE = [
    Group("segments", "empty segments are kept everywhere", [
        "", ":", "::", ":::", "a", "a:", ":a", "a:b", "a::b", "a:b:", "::a", "a:::b", "tcp:80",
        "tcp:80:interface=127.0.0.1", "tcp:host=example.com:port=80",
    ]),
    Group("equals", "the first unescaped `=` of a segment splits it; from there to `:` it is text", [
        "=", "==", "a=", "=b", "a=b", "a=b=c", "a==b", "a:=c", "a:b=", "a:=", "a:b=c=d", "a=b:c",
        "a=b:c=d", "a:b=c:d", "a:b=:c", "a:b==:c", "=:=", "a:b=c:=", "tcp=80", "=80", "=x:tcp:80",
    ]),
    Group("escapes", "a backslash drops itself before any character; there are no C escapes", [
        r"a\:b", r"a\=b", r"a\\b", r"a\b", r"a\nb", r"\a", r"\:", r"\=", "\\\\", r"\\\:", r"\\:b",
        r"\\\\:b", r"a:b\=c", r"a:b\=c=d", r"a:b=c\=d", r"a:b=c\:d", r"a:b\:c=d", r"t\cp:80",
        r"tcp\:80", r"a:b\\=c", r"a:b\\\=c", r"a\ b", "a\\\nb", "a\\\u00e9", "a:\\\U0001f600=1",
        r"unix:/run/a\:b:mode=660", r"ssl:443:privateKey=C\:/key.pem", r"tls:h:443:endpoint=tcp\:x\:1",
        r"tls:h:1:endpoint=tls\:h\:1\:endpoint=tcp\\\:x\\\:1",
    ]),
    Group("trailing-backslash", "a backslash at the very end escapes nothing", [
        "\\", "a\\", "a:b\\", "a:\\", "a=\\", "a:b=c\\", "\\\\\\", "a\\\\\\", "a:\\:\\",
    ]),
    Group("white-space", "nothing is trimmed", [
        " ", " a", "a ", "a: b :c = d ", " =", "= ", "\t:\n", "tcp:80\n", "\n", "tcp: 80", " tcp:80",
        "a\r\n:b", "a:b = c",
    ]),
    Group("characters", "every character is allowed in values, LF, C0 and emoji too", [
        "a\n:b", "a:b=\u00e9", "\u00e9:b", "a:\U0001f600", "a:\x01\x7f\x1b", "a:\ufeff", "a:\u2028",
        "a:\u202e", "a:e\u0301", "caf\u00e9:\u65e5\u672c=", "a:[::1]", "a:'b':\"c\"", "a:#b", "a:%20",
        "a:\u00a0b", "a:\x00b", "\x00", "a:b=\x00", "a\\\x00b",
    ]),
    Group("non-ascii-keys", "a key must be ASCII", [
        "a:\u00e9=1", "\u00e9=1", "a:b\u00e9=1", "a:\\\u00e9=1", "a:\u00a0=1", "a:\U0001f600=1", "a:\u0131=1",
        "a:b=1:\u00e9=2", "a:\u00e9\\=1", "a:\x7f=1",
    ]),
    Group("duplicates", "the last keyword wins; a clash with a positional is found later", [
        "a:b=1:b=2", "a:b=1:b=", "a:b=1:c=3:b=2", "a:b:b=1:b=2", "a:b=1:B=2", r"a:b=1:\b=2",
        "a:=1:=2", "a:b=2:b=2",
    ]),
]  # fmt: skip

# Every text of up to three of the five symbols that matter (the empty one is above).
PARSE.append(Group("exhaustive", "all texts of one to three symbols over `a`, `:`, `=` and backslash", [
    "".join(symbols) for length in (1, 2, 3) for symbols in product("a:=\\", repeat=length)
]))  # fmt: skip

# Most of them are inputs of the tokenizer, too: an `=` may be an operator or text.
TOKENIZE = [group for group in PARSE if group.name not in ("exhaustive", "duplicates", "non-ascii-keys")]

QUOTE = [
    Group("quote", "backslash and colon get a backslash, in this order; `=` stays bare", [
        "", "a", ":", "\\", "=", "\\:", ":\\", "\\\\", "::", "a:b", "a\\b", "a=b", "C:\\x", "C:/key.pem",
        "::1", "[::1]:80", "fe80::1%eth0", "tcp:x:1", r"tcp\:x\:1", "unix:/a\\:b", "a:b=c\\", " ", "\n",
        "\u00e9:\u65e5", "\U0001f600", "/run/app.sock", "key=value:other", "\\n", "a\x00b",
    ]),
]  # fmt: skip
