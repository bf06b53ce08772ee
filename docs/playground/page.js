// The page: each change of the text updates the answer below it.
"use strict";

/** The longest text that is read, in UTF-16 code units. */
const LONGEST = 20_000;
/** The longest text whose parts are colored in the field. */
const LONGEST_PAINTED = 4_000;
/** The delay from the last key to the announcement for screen readers, in milliseconds. */
const PAUSE = 700;

const EXAMPLES = [
  "tcp:8080:interface=::1",
  "tls:example.com:443:timeout=10",
  "haproxy:unix:/run/app.sock:mode=660",
  String.raw`ssl:443:privateKey=C:\keys\server.pem`,
  "systemd:INET:name=web",
  String.raw`tls:db.internal:5432:endpoint=tcp\:10.0.0.7\:5432`,
  "TCP-LISTEN:80,bind=127.0.0.1,fork",
];

const text = byId("text");
const twisted = byId("twisted");
const from = byId("from");
const to = byId("to");
const hint = byId("twisted-hint");
const usualHint = [...hint.childNodes];

/** The functions of `strports.js`. */
let engine;
/** The findings on the page, the one that F8 selects next, and the text with safe fixes. */
let shown = { findings: [], next: 0, fixed: "" };
let announcement;
/** Whether changes of the text come from the keyboard, not from a button. */
let isTyping = true;

async function start() {
  try {
    engine = await strports;
  } catch (error) {
    const missing = typeof strports === "undefined";
    const why = missing ? "`strports.js` is missing; `ci/check page` builds it" : String(error);
    byId("notice").replaceChildren("The parser cannot be loaded: ", ...prose(why));
    byId("notice").hidden = false;
    return;
  }
  const releases = engine.releases().reverse();
  byId("releases").append(...releases.map((value) => element("option", { value })));
  twisted.placeholder = releases[0];
  for (const { name, summary } of engine.forms()) {
    const option = () => element("option", { value: name }, `${name}: ${summary}`);
    from.append(option());
    to.append(option());
  }
  byId("examples").append(element("span", {}, "Try"), ...EXAMPLES.map(exampleOf));
  const completions = offerCompletions(text, byId("candidates"), candidates, accept);
  text.addEventListener("input", () => {
    update();
    if (isTyping) {
      completions.open();
    }
  });
  for (const field of [twisted, from, to, ...document.getElementsByName("role")]) {
    field.addEventListener("input", update);
  }
  byId("fix").addEventListener("click", fixAll);
  byId("share").addEventListener("click", share);
  document.addEventListener("keydown", shortcut);
  addEventListener("hashchange", load);
  load();
  document.documentElement.dataset.ready = "";
}

function exampleOf(example) {
  const use = () => edit(0, text.value.length, example);
  return element("button", { type: "button", click: use }, element("code", {}, example));
}

/** Takes the state from the address. */
function load() {
  const state = fromLink();
  text.value = state.text ?? "";
  twisted.value = state.twisted ?? "";
  from.value = state.from ?? "";
  to.value = state.to ?? "";
  const roles = [...document.getElementsByName("role")];
  (roles.find((radio) => radio.value === state.role) ?? roles[0]).checked = true;
  update();
}

function stateOf() {
  const role = document.querySelector("input[name=role]:checked").value;
  return { text: text.value, role, twisted: twisted.value.trim(), from: from.value, to: to.value };
}

/** Reads the text, and shows the answer. */
function update() {
  const state = stateOf();
  toLink(state);
  const options = { role: state.role || undefined, twisted: releasesOf(state) };
  const isEmpty = state.text === "";
  const isTooLong = state.text.length > LONGEST;
  byId("results").hidden = isEmpty || isTooLong;
  if (isEmpty || isTooLong) {
    shown = { findings: [], next: 0, fixed: state.text };
    paint(state.text, [], []);
    const long = `The text has ${state.text.length} characters; the page reads up to ${LONGEST}.`;
    byId("notice").textContent = isTooLong ? long : "";
    byId("notice").hidden = !isTooLong;
    return;
  }
  byId("notice").hidden = true;
  const report = engine.explain(state.text, options);
  const anatomy = engine.anatomy(state.text, options);
  shown = {
    findings: report.diagnostics,
    next: 0,
    fixed: engine.fix(state.text, { ...options, role: report.role }),
  };
  paint(state.text, anatomy.lines[0]?.parts ?? [], report.diagnostics);
  showStatus(report, anatomy);
  showFindings(report);
  showAnatomy(report, anatomy);
  showForeign(report);
  showCanonical(report);
  showConversion(report, state);
  byId("command").replaceChildren(copyable(commandOf(state), "Copy the command"));
  byId("json").textContent = JSON.stringify(report, null, 2);
}

/** The requested releases; an error in the field is shown, and means the newest release. */
function releasesOf(state) {
  let mistake;
  try {
    engine.check("", { twisted: state.twisted || undefined });
  } catch (error) {
    mistake = error.message;
  }
  twisted.setAttribute("aria-invalid", String(mistake !== undefined));
  hint.replaceChildren(...(mistake === undefined ? usualHint : prose(mistake)));
  return mistake === undefined ? state.twisted || undefined : undefined;
}

function showStatus(report, anatomy) {
  const { ok, portable, role, diagnostics, more } = report;
  const count = countOf(diagnostics) + (more ? ` and ${more} more findings` : "");
  const other = role === "server" ? "client" : "server";
  const sentences = ok
    ? [
        `A valid ${role} description${count ? `, with ${count}` : ""}.`,
        portable ? "" : "Plain Twisted does not read it.",
        anatomy.both ? `It fits a ${other} too.` : "",
      ]
    : [`Not a valid ${role} description: ${count}.`];
  const said = sentences.filter(Boolean).join(" ");
  byId("status").className = ok ? (diagnostics.length > 0 ? "odd" : "good") : "bad";
  byId("status").textContent = said;
  byId("fix").hidden = shown.fixed === text.value;
  clearTimeout(announcement);
  announcement = setTimeout(() => (byId("announced").textContent = said), PAUSE);
}

function showFindings(report) {
  const list = report.diagnostics.map((finding) =>
    findingOf(
      report.description,
      finding,
      ({ span, replacement }) => edit(...span, replacement),
      select,
    ),
  );
  byId("findings").hidden = list.length === 0;
  byId("findings-list").replaceChildren(...list);
}

function showAnatomy(report, { sentence, lines }) {
  byId("anatomy").hidden = lines.length === 0;
  byId("sentence").hidden = sentence === null;
  byId("sentence").replaceChildren(...prose(sentence ?? ""));
  byId("lines").replaceChildren(...lines.map(lineOf));
}

function showForeign({ foreign }) {
  byId("foreign").hidden = foreign === undefined;
  if (foreign === undefined) {
    return;
  }
  const use = (result) =>
    element("button", { type: "button", click: () => edit(0, text.value.length, result) }, "Use it");
  byId("foreign-body").replaceChildren(
    element("p", {}, "As ", element("code", {}, foreign.form), ", the text is this description:"),
    ...foreign.results.map((result) => copyable(result, "Copy the description", use(result))),
    ...foreign.losses.map((loss) => element("p", { class: "muted" }, ...prose(loss))),
  );
}

function showCanonical({ canonical, description }) {
  const differs = canonical !== null && canonical !== description;
  byId("canonical").hidden = !differs;
  if (differs) {
    byId("canonical-body").replaceChildren(copyable(canonical, "Copy the canonical form"));
  }
}

function showConversion(report, state) {
  if (!report.ok && !report.foreign && state.from === "") {
    const why = "A description is converted once it has no errors.";
    byId("conversion").replaceChildren(element("p", { class: "muted" }, why));
    return;
  }
  const source = state.from || report.foreign?.form || "strports";
  const target = state.to || (source === "socat" ? "haproxy" : "socat");
  const conversion = engine.convert(state.text, {
    from: state.from || undefined,
    to: target,
    role: state.role || report.role,
  });
  const use = (result) => edit(0, text.value.length, result);
  byId("conversion").replaceChildren(...conversionOf(conversion, use));
}

/** The equivalent command. */
function commandOf(state) {
  const quoted = (word) => `'${word.replaceAll("'", String.raw`'\''`)}'`;
  const words = ["strports explain"];
  if (state.role) {
    words.push(`--role ${state.role}`);
  }
  if (state.twisted) {
    words.push(`--twisted ${quoted(state.twisted)}`);
  }
  words.push(state.text.startsWith("-") ? `-- ${quoted(state.text)}` : quoted(state.text));
  return words.join(" ");
}

/** Colors the parts of the text in the field, and underlines the places of findings. */
function paint(value, parts, findings) {
  const painted = value.length <= LONGEST_PAINTED;
  byId("editor").classList.toggle("plain", !painted);
  const cuts = new Set([0, value.length]);
  for (const { span } of painted ? [...parts, ...findings] : []) {
    span.forEach((place) => cuts.add(place));
  }
  const places = [...cuts].sort((a, b) => a - b);
  const covers = (start) => (it) => it.span[0] <= start && start < it.span[1];
  const pieces = places.slice(1).map((end, index) => {
    const start = places[index];
    const part = parts.findIndex(covers(start));
    const finding = findings.find(covers(start));
    const color = part >= 0 ? `part-${part % COLORS}` : "";
    const classes = `${color} ${finding ? `found ${finding.severity}` : ""}`.trim();
    return element("span", { class: classes }, value.slice(start, end));
  });
  // A line break at the end has no height of its own.
  byId("paint").replaceChildren(...pieces, "\u200b");
}

function candidates(before) {
  const role = stateOf().role || undefined;
  return before === "" || before.length > LONGEST_PAINTED
    ? []
    : engine.complete(before, { role }).filter(({ text, span }) => text !== before.slice(...span));
}

function accept(candidate) {
  write(...candidate.span, candidate.text);
}

/** Replaces a piece of the text, and offers no completions. */
function edit(start, end, replacement) {
  isTyping = false;
  write(start, end, replacement);
  isTyping = true;
}

/** Replaces a piece of the text as typing does, so that undo works. */
function write(start, end, replacement) {
  text.focus();
  text.setSelectionRange(start, end);
  const command = replacement === "" ? "delete" : "insertText";
  if (start === end && replacement === "") {
    return;
  }
  if (!document.execCommand(command, false, replacement)) {
    text.setRangeText(replacement, start, end, "end");
    update();
  }
}

function select(span) {
  text.focus();
  text.setSelectionRange(...span);
}

function fixAll() {
  if (shown.fixed !== text.value) {
    edit(0, text.value.length, shown.fixed);
  }
}

async function share() {
  const done = await copied(location.href);
  const button = byId("share");
  button.textContent = done ? "Link copied" : "The address is the link";
  setTimeout(() => (button.textContent = "Copy link"), 2000);
}

function shortcut(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    fixAll();
  } else if (event.key === "F8" && shown.findings.length > 0) {
    event.preventDefault();
    select(shown.findings[shown.next % shown.findings.length].span);
    shown.next += 1;
  }
}

start();
