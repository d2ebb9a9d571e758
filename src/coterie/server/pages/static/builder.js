// The builder: what is edited, asked of the API while it is, previewed and saved.
import { button, made } from "./builder-fields.js";
import { countElements, effectElements } from "./builder-found.js";
import { elementOf, groupElement } from "./builder-groups.js";
import { fromTree, group, toTree } from "./builder-tree.js";
import { word } from "./words.js";
import { inZone } from "./zones.js";

const PAUSE = 200;
const LOOK = 1000;
const begun = JSON.parse(document.getElementById("begun").textContent);
const form = document.getElementById("builder");
const places = new Map();
const at = (id) => document.getElementById(id);
const { vocabulary } = begun;
inZone(vocabulary.zone);
for (const each of vocabulary.events) each.properties ??= [];
const root = begun.definition ? fromTree(begun.definition.predicate, vocabulary) : group();
let opened = { name: begun.name, edition: begun.edition };
let later;
let asking = new AbortController();

const known = new Map();
const context = {
  vocabulary,
  changed() {
    clearTimeout(later);
    later = setTimeout(look, PAUSE);
  },
  async values(asked) {
    const query = new URLSearchParams(asked).toString();
    if (!known.has(query)) known.set(query, ask("GET", `/v1/vocabulary/values?${query}`));
    return (await known.get(query))?.values ?? [];
  },
};

/** The definition as it is edited now. */
function definition() {
  places.clear();
  const said = { node: "segment", predicate: toTree(root, "predicate", places) };
  for (const key of ["purpose", "description"]) {
    const value = form.elements[key].value.trim();
    if (value) said[key] = value;
  }
  return said;
}

async function ask(method, address, body, signal) {
  const answer = await fetch(address, {
    method, signal, headers: body && { "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(said.detail), { code: said.code });
  return said;
}

// --- while it is edited ------------------------------------------------------------------------

async function look() {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const empty = root.items.length === 0;
  at("preview").disabled = at("save").disabled = empty;
  if (empty) return nothing(word("begin"));
  const draft = { name: name() || "draft", definition: definition() };
  try {
    const checked = await ask("POST", "/v1/definitions/check", draft, signal);
    tell(checked);
    if (checked.mistakes.length) return nothing(word("mend"));
    at("count").setAttribute("aria-busy", "true");
    await count(draft, signal);
  } catch (error) {
    if (error.name !== "AbortError") nothing(error.code ? error.message : word("unanswered"));
  }
}

async function count(draft, signal) {
  const { count: found } = await ask("POST", "/v1/definitions/count", draft, signal);
  const everybody = button(word("count_all"), async () => {
    at("count").setAttribute("aria-busy", "true");
    await count({ ...draft, everybody: true }, signal);
  });
  const purpose = draft.definition.purpose ?? vocabulary.default_purpose;
  at("count").replaceChildren(...countElements(found, purpose, everybody));
  at("count").removeAttribute("aria-busy");
}

function nothing(said) {
  at("count").replaceChildren(made("p", { class: "soft" }, said));
  at("count").removeAttribute("aria-busy");
}

const name = () => form.elements.name.value.trim();

/** Say what the draft says, and what is wrong with it where it is wrong. */
function tell({ english, yaml, mistakes, parts }) {
  at("english").textContent = english;
  at("yaml").textContent = yaml;
  for (const each of form.querySelectorAll(".mistake")) each.hidden = true;
  for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  for (const each of mistakes) mark(each);
  for (const { path, english: said } of parts) {
    const item = held(path);
    if (item?.kind === "other") elementOf(item).querySelector(".written").textContent = said;
  }
}

/** The innermost item that holds a place. */
function held(path) {
  for (let place = path; place; place = place.slice(0, place.search(/[.[][^.[]*$/))) {
    if (places.has(place)) return places.get(place);
  }
  return null;
}

function mark(mistake) {
  const said = [mistake.what, mistake.expected && `→ ${mistake.expected}`, mistake.hint];
  const text = said.filter(Boolean).join(". ");
  const field = { name: "name", purpose: "purpose" }[mistake.path] ??
    (mistake.code === "definition.no_purpose" ? "purpose" : null);
  if (field) return show(at(`e-${field}`), text, [form.elements[field]]);
  const element = held(mistake.path) && elementOf(held(mistake.path));
  if (!element) return show(at("e-whole"), text, []);
  const place = element.querySelector(":scope > .mistake");
  const fields = [...element.querySelectorAll(":scope > .fields :is(input, textarea)")];
  const own = fields.filter(({ dataset: { part } }) => stands(mistake.path, part));
  show(place, text, own.length ? own : fields);
}

/** Whether a mistake is of a part of a condition; those of an event's properties are its own. */
function stands(path, part) {
  return part?.split(" ").some((each) =>
    path.endsWith(`.${each}`) && path.includes(".that.") === each.startsWith("that."));
}

let ids = 0;
function show(place, text, fields) {
  place.textContent = text;
  place.hidden = false;
  place.id ||= `mistake-${ids += 1}`;
  for (const each of fields) {
    each.setAttribute("aria-invalid", "true");
    each.setAttribute("aria-describedby", place.id);
  }
}

// --- preview and save --------------------------------------------------------------------------

async function working(place, said, work) {
  place.setAttribute("aria-busy", "true");
  place.replaceChildren(made("p", {}, said));
  try {
    place.replaceChildren(...await work());
  } catch (error) {
    const known = { "definition.edited": "edited", definition: "unsound" }[error.code];
    const text = known ? word(known) : error.code ? error.message : word("unanswered");
    place.replaceChildren(made("p", { class: "bad" }, text));
  }
  place.removeAttribute("aria-busy");
}

function preview() {
  return working(at("effects"), word("previewing"), async () => {
    const draft = { name: name() || "draft", definition: definition() };
    const answer = await ask("POST", "/v1/definitions/preview", draft);
    return answer.preview ? effectElements(answer.preview) : [made("p", {}, word("mend"))];
  });
}

function save(event) {
  event.preventDefault();
  if (!name()) {
    show(at("e-name"), word("no_name"), [form.elements.name]);
    form.elements.name.focus();
    return;
  }
  working(at("saved"), word("saving"), async () => {
    const edition = name() === opened.name ? opened.edition : "";
    const { note, author } = form.elements;
    const said = { note: note.value, author: author.value, edition, definition: definition() };
    const saved = await ask("PUT", `/v1/definitions/${encodeURIComponent(name())}`, said);
    opened = { name: name(), edition: saved.edition };
    const coming = made("p", {}, word("coming"));
    follow(opened, coming);
    return [made("p", {}, made("strong", {}, word("saved_as", { file: saved.file }))), coming];
  });
}

/** Say when what was saved is what the server answers by. */
async function follow(saved, place) {
  const href = `/segments/${encodeURIComponent(saved.name)}`;
  const said = at("english").textContent;
  while (saved === opened) {
    const answer = await ask("GET", "/v1/segments").catch(() => null);
    const there = answer?.segments.find((each) => each.name === saved.name);
    if (there?.english === said) {
      place.replaceChildren(word("in_force"), " ", made("a", { href }, word("open_segment")));
      return;
    }
    await new Promise((next) => setTimeout(next, LOOK));
  }
}

form.elements.name.value = begun.name;
form.elements.purpose.value = begun.definition?.purpose ?? "";
form.elements.description.value = begun.definition?.description ?? "";
at("conditions").append(groupElement(root, context));
for (const each of ["name", "purpose", "description"]) {
  form.elements[each].addEventListener("input", context.changed);
}
at("preview").addEventListener("click", preview);
form.addEventListener("submit", save);
look();
