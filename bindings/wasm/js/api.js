// The functions of the npm package, which call an instance of the WebAssembly module. `build.mjs`
// copies this file into each entry point.

const FUNCTIONS = [
  "anatomy",
  "check",
  "complete",
  "convert",
  "explain",
  "fix",
  "fmt",
  "forms",
  "quote",
  "releases",
  "types",
];

const encoder = new TextEncoder();
// Without `ignoreBOM`, decoding would remove a U+FEFF at the start of a text.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Returns the functions by name. `instantiate` returns the exports of a new instance of the module.
 * It is called at the first use, and after each call that failed inside the module.
 */
function api(instantiate) {
  let instance;

  function ask(request) {
    instance ??= instantiate();
    const { memory, input, answer, output } = instance;
    try {
      const bytes = encoder.encode(JSON.stringify(request));
      // A call may grow the memory, which detaches earlier views of it.
      const at = input(bytes.length);
      new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
      const length = answer();
      const reply = decoder.decode(new Uint8Array(memory.buffer, output(), length));
      return JSON.parse(reply);
    } catch (error) {
      instance = undefined;
      throw error;
    }
  }

  /** Calls a function of the module by its name, with a text and options; returns its result. */
  function call(name, text, options) {
    const request = { ...options, function: name };
    if (text !== undefined) {
      request.text = wellFormed(text);
    }
    const reply = ask(request);
    if (reply.error !== undefined) {
      throw new RangeError(reply.error);
    }
    return inUtf16(reply.ok, request.text);
  }

  const listing = (name) => () => call(name);
  const about = (name) => (text, options) => {
    if (typeof text !== "string") {
      throw new TypeError(`${name}: expected a string, but found ${typeof text}`);
    }
    return call(name, text, options);
  };
  const functions = {};
  for (const name of FUNCTIONS) {
    const takesNothing = ["forms", "releases", "types"].includes(name);
    functions[name] = takesNothing ? listing(name) : about(name);
  }
  return functions;
}

/** Replaces each unpaired surrogate, which UTF-8 cannot encode, by U+FFFD. */
function wellFormed(text) {
  return decoder.decode(encoder.encode(text));
}

/** Converts each span in an answer from bytes of `text` to UTF-16 code units. */
function inUtf16(answer, text) {
  const places = new Map();
  const convert = (holder, text) => {
    if (!places.has(text)) {
      places.set(text, unitsOf(text));
    }
    const units = places.get(text);
    holder.span = holder.span.map((byte) => (units ? units[Math.min(byte, units.length - 1)] : byte));
  };
  for (const one of holders(answer)) {
    convert(one, text);
    if (one.fix) {
      convert(one.fix, text);
    }
  }
  // Spans in a line refer to its own text; that of the first line may be cut, so `text` is used.
  answer?.lines?.forEach((line, depth) => {
    line.parts.forEach((part) => convert(part, depth === 0 ? text : line.text));
  });
  return answer;
}

/** Returns the objects of an answer that have a span: diagnostics, arguments and candidates. */
function holders(answer) {
  const lists = Array.isArray(answer) ? [answer] : [answer?.arguments, answer?.diagnostics];
  return lists.flatMap((list) => list ?? []).filter((one) => one.span);
}

/** Returns the UTF-16 offset of each byte of a text; `undefined` for ASCII, where they are equal. */
function unitsOf(text) {
  const length = encoder.encode(text).length;
  if (length === text.length) {
    return undefined;
  }
  const units = new Uint32Array(length + 1);
  let byte = 0;
  let unit = 0;
  for (const character of text) {
    const point = character.codePointAt(0);
    const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    units.fill(unit, byte, byte + size);
    byte += size;
    unit += character.length;
  }
  units[byte] = unit;
  return units;
}
