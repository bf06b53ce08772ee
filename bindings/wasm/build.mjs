// Builds the package, or the scripts of the playground, from the compiled module.
//
//     node build.mjs MODULE.wasm            writes dist/
//     node build.mjs MODULE.wasm.gz FOLDER  writes strports.js and module.js, for a page
//
// Each entry point contains the module, so bundlers and servers have no file to find. A page that is
// opened as a file may load scripts, and nothing else, so its module is a script.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , modulePath, folder] = process.argv;
const here = (path) => new URL(path, import.meta.url);
const module = readFileSync(modulePath);
const api = readFileSync(here("js/api.js"), "utf8");
const names = /const FUNCTIONS = \[([^\]]*)\]/.exec(api)[1].match(/\w+/g).join(", ");
const banner = "// Written by build.mjs; do not edit.\n\n";

// In the scripts of a page, the character before an escaped one, and the bit that differs in that.
const ESCAPE = 0xe000;
const FLIPPED = 0x8000;

if (folder) {
  writeFileSync(join(folder, "strports.js"), script());
  writeFileSync(join(folder, "module.js"), moduleScript(), "utf16le");
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
  for (const license of ["LICENSE-APACHE", "LICENSE-MIT"]) {
    write(license, readFileSync(here(`../../${license}`)));
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

/** Decodes base64. */
function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
`;
}

/** A script that defines `strports`, a promise of the functions of the module in `moduleScript`. */
function script() {
  return `${banner}"use strict";

const strports = (async () => {
${api}
/** The compressed module; build.mjs describes the text. */
function packed({ length, text }) {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < text.length; i += 1) {
    let two = text.charCodeAt(i);
    if (two === ${ESCAPE}) {
      i += 1;
      two = text.charCodeAt(i) ^ ${FLIPPED};
    }
    // The second byte is one too many if the length is odd, and an array ignores it.
    bytes[at] = two;
    bytes[at + 1] = two >> 8;
    at += 2;
  }
  return bytes;
}

const stream = new Blob([packed(MODULE)]).stream();
const unpacked = stream.pipeThrough(new DecompressionStream("gzip"));
const compiled = await WebAssembly.compile(await new Response(unpacked).arrayBuffer());
return api(() => new WebAssembly.Instance(compiled).exports);
})();
`;
}

/**
 * A script in UTF-16 with the compressed module as a string, two bytes a character. That takes a
 * quarter less space than base64. Characters that UTF-16 or the literal cannot contain are escaped.
 * The byte order mark tells the encoding, whatever the server says.
 */
function moduleScript() {
  let text = "";
  for (let at = 0; at < module.length; at += 2) {
    const two = module[at] | ((module[at + 1] ?? 0) << 8);
    const surrogate = two >= 0xd800 && two <= 0xdfff;
    const escaped = surrogate || two === ESCAPE || '"\\\n\r'.includes(String.fromCharCode(two));
    text += escaped ? String.fromCharCode(ESCAPE, two ^ FLIPPED) : String.fromCharCode(two);
  }
  return `\ufeff${banner}const MODULE = { length: ${module.length}, text: "${text}" };\n`;
}
