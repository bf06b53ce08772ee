// The answers of the package equal those of the command, for every description of `spec/vectors`.
//
// `STRPORTS` is the path of the command; the default is that of the debug build.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { convert, explain, fmt, types } from "strports";

const root = new URL("../../../", import.meta.url);
const command = process.env.STRPORTS ?? fileURLToPath(new URL("target/debug/strports", root));

/** The output of the command for these records. */
function answers(args, records) {
  const input = records.map((record) => `${record}\0`).join("");
  const options = { input, encoding: "utf8", maxBuffer: 1 << 28, cwd: "/" };
  const { error, stdout, stderr } = spawnSync(command, args, options);
  assert.ifError(error);
  assert.notEqual(stdout, "", stderr);
  return stdout;
}

/** The descriptions of the vectors that are valid Unicode. */
function descriptions() {
  const vectors = new URL("spec/vectors/", root);
  const files = readdirSync(vectors, { recursive: true }).filter((name) => name.endsWith(".json"));
  const all = files.flatMap((name) => JSON.parse(readFileSync(new URL(name, vectors), "utf8")));
  const inputs = all.map((vector) => vector.input).filter((input) => typeof input === "string");
  return [...new Set(inputs)].filter((input) => !input.includes("\0"));
}

/** Converts the spans of the command, which count bytes. */
function inUtf16(report, text) {
  const bytes = Buffer.from(text);
  const unit = (byte) => bytes.subarray(0, byte).toString().length;
  const convert = (one) => one && (one.span = one.span.map(unit));
  for (const one of [...report.arguments, ...report.diagnostics]) {
    convert(one);
    convert(one.fix);
  }
  return report;
}

const all = descriptions();

for (const [role, twisted] of [[], ["server"], ["client"], ["server", "22.4"], ["client", "<20"]]) {
  test(`explain, as ${role ?? "either role"} of Twisted ${twisted ?? "26.10"}`, () => {
    const args = ["explain", "--format", "json", "--null", "-"];
    args.push(...(role ? ["--role", role] : []), ...(twisted ? ["--twisted", twisted] : []));
    const lines = answers(args, all).trimEnd().split("\n");
    assert.equal(lines.length, all.length);
    assert.ok(all.length > 1000, `${all.length} descriptions`);
    for (const [index, text] of all.entries()) {
      const expected = inUtf16(JSON.parse(lines[index]), text);
      // Compared as text, which includes the order of the keys.
      const found = explain(text, { role, twisted });
      assert.equal(JSON.stringify(found), JSON.stringify(expected), text);
    }
  });
}

test("fmt", () => {
  const canonical = answers(["fmt", "--null", "-"], all).split("\0").slice(0, -1);
  assert.deepEqual(all.map((text) => fmt(text)).filter((text) => text !== null), canonical);
});

test("types", () => {
  const lines = answers(["types", "--format", "json"], []).trimEnd().split("\n");
  assert.deepEqual(types(), lines.map((line) => JSON.parse(line)));
});

test("convert, for each row of its tables", () => {
  const rows = answers(["convert", "--rules", "--format", "json"], []).trimEnd().split("\n");
  const examples = rows.map((line) => JSON.parse(line).example);
  for (const to of ["strports", "socat", "nginx"]) {
    const sample = examples.filter((_, index) => to === "strports" || index % 5 === 0);
    const printed = answers(["convert", "--format", "json", "--to", to, "--", ...sample], []);
    const lines = printed.trimEnd().split("\n");
    assert.equal(lines.length, sample.length);
    for (const [index, text] of sample.entries()) {
      assert.deepEqual(convert(text, { to }), JSON.parse(lines[index]), text);
    }
  }
});
