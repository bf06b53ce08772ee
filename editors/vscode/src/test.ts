// Run by `npm test`, with node's own runner.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { failure, program } from "./server";

const manifest = JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8"));

test("the server is the program of the settings", () => {
  assert.deepEqual(program({ path: "strports", arguments: [] }, undefined), {
    command: "strports",
    args: ["lsp"],
  });
  const settings = { path: "${workspaceFolder}/bin/strports", arguments: ["--on-this-machine"] };
  assert.deepEqual(program(settings, "/home/me/x"), {
    command: "/home/me/x/bin/strports",
    args: ["lsp", "--on-this-machine"],
  });
  assert.equal(program({ path: " ", arguments: [] }, undefined).command, "strports");
});

test("a program that is missing is said with what to do", () => {
  const text = failure("strports", new Error("spawn strports ENOENT"));
  assert.match(text, /cannot start `strports lsp`: spawn strports ENOENT \(.*strports\.path/);
});

test("the problem matcher reads what `check --format short` prints", () => {
  const [matcher] = manifest.contributes.problemMatchers;
  const { pattern } = matcher;
  const line = "src/a b.py:2:55: error: `::1` is an IPv6 address: see [x] [multiple-values]";
  const found = new RegExp(pattern.regexp).exec(line);
  assert.ok(found);
  const part = (name: string) => found[pattern[name]];
  assert.deepEqual(["file", "line", "column", "severity", "code", "message"].map(part), [
    "src/a b.py",
    "2",
    "55",
    "error",
    "multiple-values",
    "`::1` is an IPv6 address: see [x]",
  ]);
});

test("every setting that is read is declared", () => {
  const source = readFileSync(join(__dirname, "..", "src", "extension.ts"), "utf8");
  const read = [...source.matchAll(/configuration\.get<[^>]+>\("([a-zA-Z.]+)"/g)].map((it) => it[1]);
  assert.deepEqual(read, ["path", "arguments"]);
  for (const name of read) {
    assert.ok(`strports.${name}` in manifest.contributes.configuration.properties, name);
  }
});
