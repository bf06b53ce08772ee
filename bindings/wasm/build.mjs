// Builds the package, or the script of the playground, from the compiled module.
//
//     node build.mjs MODULE.wasm            writes dist/
//     node build.mjs MODULE.wasm SCRIPT.js  writes a classic script for a page
//
// Each entry point contains the module, so bundlers and servers have no file to find.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [, , modulePath, scriptPath] = process.argv;
const here = (path) => new URL(path, import.meta.url);
const module = readFileSync(modulePath);
const api = readFileSync(here("js/api.js"), "utf8");
const names = /const FUNCTIONS = \[([^\]]*)\]/.exec(api)[1].match(/\w+/g).join(", ");
const banner = "// Written by build.mjs; do not edit.\n\n";

if (scriptPath) {
  writeFileSync(scriptPath, script());
} else {
  rmSync(here("dist"), { recursive: true, force: true });
  mkdirSync(here("dist"));
  const write = (name, text) => writeFileSync(here(`dist/${name}`), text);
  const types = readFileSync(here("js/index.d.ts"), "utf8");
  write("strports.wasm", module);
  write("index.mjs", `${synchronous()}\nexport const { ${names} } = functions;\n`);
  write("index.cjs", `"use strict";\n${synchronous()}\nmodule.exports = { ...functions };\n`);
  write("index.d.mts", types);
  write("index.d.cts", types);
  for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) {
    write(licence, readFileSync(here(`../../${licence}`)));
  }
}

/** An entry point that compiles the module at the first call of a function. */
function synchronous() {
  return `${banner}${api}
const MODULE = "${module.toString("base64")}";

let compiled;

const functions = api(() => {
  compiled ??= new WebAssembly.Module(fromBase64(MODULE));
  return new WebAssembly.Instance(compiled).exports;
});
`;
}

/** A script that defines \`strports\`, a promise of the functions; the module in it is compressed. */
function script() {
  return `${banner}"use strict";

const strports = (async () => {
${api}
const MODULE = "${gzipSync(module, { level: 9 }).toString("base64")}";

const packed = new Blob([fromBase64(MODULE)]).stream();
const unpacked = packed.pipeThrough(new DecompressionStream("gzip"));
const compiled = await WebAssembly.compile(await new Response(unpacked).arrayBuffer());
return api(() => new WebAssembly.Instance(compiled).exports);
})();
`;
}
