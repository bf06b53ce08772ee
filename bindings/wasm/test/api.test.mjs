// The functions of the built package, as an ES module and as CommonJS.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import * as strports from "strports";

const require = createRequire(import.meta.url);
const { anatomy, check, complete, convert, explain, fix, fmt, forms, quote, releases, types } =
  strports;

test("an ES module and CommonJS have the same functions", () => {
  const common = require("strports");
  assert.deepEqual(Object.keys(common).sort(), Object.keys({ ...strports }).sort());
  assert.deepEqual(common.explain("tcp:80"), explain("tcp:80"));
});

test("explain reads either role, or the requested one", () => {
  assert.equal(explain("tcp:h:80").role, "client");
  assert.equal(explain("tcp:80").endpoint.port, 80);
  assert.equal(explain("tcp:80", { role: "client" }).ok, false);
  assert.equal(explain("").ok, false);
  assert.equal(explain("onion:80").endpoint.type, "onion");
  assert.equal(explain("TCP-LISTEN:80").foreign.results[0], "tcp:80");
});

test("a release of Twisted refuses later features", () => {
  const codes = (twisted) => check("tls:/certs", { role: "server", twisted }).map((it) => it.code);
  assert.deepEqual(codes(undefined), []);
  assert.deepEqual(codes("24.10"), ["not-in-twisted"]);
  assert.deepEqual(codes(">=26.4"), []);
  assert.equal(releases().at(-1), "26.10");
});

test("safe fixes are applied, and others on request", () => {
  assert.equal(fix("tcp:80:interface=::1"), String.raw`tcp:80:interface=\:\:1`);
  assert.equal(fix("tpc:80", { role: "server" }), "tpc:80");
  assert.equal(fix("tpc:80", { role: "server", suggestions: true }), "tcp:80");
});

test("the other functions answer", () => {
  assert.equal(fmt("tcp:080"), "tcp:80");
  assert.equal(fmt("tcp:http"), null);
  assert.equal(quote("a:b=c"), String.raw`a\:b=c`);
  assert.equal(quote("a:b=c", { positional: true }), String.raw`a\:b\=c`);
  assert.equal(convert("bind :80", { to: "socat" }).results[0].text, "TCP4-LISTEN:80,reuseaddr,fork");
  assert.ok(forms().some((form) => form.name === "nginx"));
  assert.ok(types().some((type) => type.type === "tls" && type.role === "client"));
  const said = anatomy("haproxy:unix:/run/a", { role: "server" });
  assert.match(said.sentence, /UNIX socket/);
  assert.deepEqual(said.lines[0].parts.map((part) => part.name).slice(0, 2), ["server", "server"]);
  assert.equal(complete("tcp:80:inter", { role: "server" })[0].text, "interface=");
});

test("spans count UTF-16 code units", () => {
  const slice = (text, { span }) => text.slice(...span);
  const texts = ["tcp:80", "unix:/é", "unix:/ключ", "unix:/日本", "unix:/🔑🔑", "\ufeffunix:/🔑"];
  for (const before of texts) {
    const text = `${before}:mode=x`;
    const report = explain(text, { role: "server" });
    assert.equal(slice(text, report.arguments.at(-1)), "mode=x", text);
    assert.ok(report.arguments.every((it) => slice(text, it).endsWith(it.value)), text);
  }
  const [found] = check("unix:/🔑:mode=x");
  assert.deepEqual(found.span, [14, 15]);
  const text = "unix:/🔑:mdoe=600";
  const [misspelled] = check(text, { role: "server" });
  assert.equal(slice(text, misspelled.fix), "mdoe");
  const inside = String.raw`tls:é🔑:443:endpoint=unix\:/🔑\:timeout\=5`;
  for (const line of anatomy(inside, { role: "client" }).lines) {
    const last = line.parts.at(-1);
    assert.ok(slice(line.text, last).replaceAll("\\", "").endsWith(last.value), line.text);
  }
  const [candidate] = complete("unix:/🔑:mo", { role: "server" });
  assert.deepEqual([candidate.text, candidate.span], ["mode=", [9, 11]]);
});

test("halves of surrogate pairs are read as U+FFFD", () => {
  const report = explain("unix:/\ud83d:mode=x", { role: "server" });
  assert.equal(report.description, "unix:/\ufffd:mode=x");
  assert.deepEqual(report.diagnostics[0].span, [13, 14]);
});

test("hostile texts are answered", () => {
  const nested = (depth) => (depth === 0 ? "tcp:80" : `haproxy:${nested(depth - 1)}`);
  const texts = ["\0", "\\", ":".repeat(1e6), "tcp:" + "9".repeat(1e6), nested(5000), "🔑".repeat(1e5)];
  for (const text of texts) {
    assert.equal(explain(text).ok, false);
    assert.equal(explain(text).description, text);
    assert.ok(anatomy(text).lines.length < 100);
  }
  assert.equal(explain("tcp:80").ok, true);
});

test("a wrong argument is named", () => {
  assert.throws(() => explain(80), /explain: expected a string, but found number/);
  assert.throws(() => explain("", { role: "both" }), /`server` or `client`.*`both`/);
  assert.throws(() => check("", { twisted: "latest" }), RangeError);
  assert.throws(() => convert("", { to: "scoat" }), /did you mean `socat`/);
  assert.throws(() => explain("", { rol: "server" }), /rol/);
  assert.equal(explain("tcp:80").ok, true);
});

test("the module imports nothing, and is small", () => {
  const bytes = readFileSync(require.resolve("strports/strports.wasm"));
  assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), []);
});
