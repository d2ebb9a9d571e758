// What a draft holds, and what it would change, as elements.
import { made } from "./builder-fields.js";
import { word } from "./words.js";
import { instant, number } from "./writing.js";

/** A count with its interval, its audience and some people. */
export function countElements(count, purpose, everybody) {
  const { n, low, high } = count.holds;
  const part = count.people ? n / count.people : 0;
  return [
    made("p", { class: "big" }, `${count.exact ? "" : "≈ "}${number(n)} `, made("small", {}, word("people"))),
    made("meter", {
      min: "0", max: "1", value: String(part),
      "aria-label": word("people_of", { part: percent(part), people: number(count.people) }),
    }),
    made("p", { class: "soft" }, word("people_of", { part: percent(part), people: number(count.people) })),
    made("p", {}, count.exact ? word("exactly") : word("between", {
      low: number(low), high: number(high), sample: number(count.sample),
      confidence: percent(count.confidence),
    })),
    count.exact ? "" : everybody,
    made("p", {}, word("audience", { n: `${count.exact ? "" : "≈ "}${number(count.audience.n)}`, purpose })),
    made("p", { class: "soft" }, `${word("as_of")} ${instant(count.as_of)}`),
    ...examples(count.examples),
  ];
}

function percent(part) {
  return new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 }).format(part);
}

function examples(people) {
  if (!people.length) return [];
  const names = Object.keys(people[0]).filter((each) => each !== "profile");
  return [
    made("h3", {}, word("examples")),
    table(word("examples"), [word("person"), ...names], people.map((each) => [
      person(each.profile), ...names.map((name) => value(each[name])),
    ])),
  ];
}

const person = (profile) =>
  made("a", { href: `/people/${encodeURIComponent(profile)}`, title: profile, class: "person" },
    profile.slice(0, 8));

const DIGITS = 6;

function value(said) {
  if (typeof said === "number") return new Intl.NumberFormat(undefined, { maximumFractionDigits: DIGITS }).format(said);
  const text = said === null ? "–" : Array.isArray(said) ? said.join(", ") : String(said);
  return made("span", { class: "outside" }, /^\d{4}-\d\d-\d\dT/.test(text) ? instant(text) : text);
}

function table(label, head, rows, numbers = false) {
  const cell = (tag) => (each, i) => made(tag, numbers && i ? { class: "n" } : {}, each);
  return made("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    made("table", {},
      made("thead", {}, made("tr", {}, ...head.map(cell("th")))),
      made("tbody", {}, ...rows.map((row) => made("tr", {}, ...row.map(cell("td")))))));
}

/** What a draft would change: sizes, sentences, and who would enter and leave. */
export function effectElements({ effects, movers, differences, notes, as_of }) {
  const head = ["segment", "before", "after", "entered", "left"].map((each) => word(each));
  const named = (each) => each.stage ? `${each.name}: ${each.stage}` : each.name;
  const rows = effects.map((each) => [
    made("span", { class: "outside" }, named(each)),
    ...[each.before, each.after, each.entered, each.left].map((one) => number(one)),
  ]);
  return [
    rows.length ? table(word("segment"), head, rows, true) : made("p", {}, word("no_effect")),
    ...differences.flatMap(difference),
    ...lists(movers, "entered", "would_enter"),
    ...lists(movers, "exited", "would_leave"),
    ...notes.map((note) => made("p", { class: "soft" }, note)),
    made("p", { class: "soft" }, `${word("as_of")} ${instant(as_of)}`),
  ];
}

function difference({ old, new: fresh }) {
  const said = (key, text) => text
    ? [made("dt", {}, word(key)), made("dd", { class: "outside" }, text)] : [];
  return [made("dl", { class: "difference" }, ...said("is_now", old ?? ""), ...said("would_be", fresh ?? ""))];
}

function lists(movers, change, key) {
  const some = movers.filter((each) => each.change === change);
  return [...new Set(some.map((each) => each.segment))].map((segment) => {
    const people = some.filter((each) => each.segment === segment);
    return made("p", { class: "movers" }, `${word(key, { segment })}: `,
      ...people.flatMap((each) => [person(each.profile), " "]));
  });
}
