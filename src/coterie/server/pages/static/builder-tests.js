// One comparison: of a trait, of a property, or of what is counted.
import { begins, dayOf } from "./zones.js";

const NUMBER = ["at_least", "more_than", "at_most", "less_than", "is", "is_not", "between"];
const TEXT = ["is", "is_not", "one_of", "contains", "starts_with", "ends_with"];
const KNOWN = ["known", "unknown"];
const OPS = {
  integer: [...NUMBER, ...KNOWN],
  decimal: [...NUMBER, ...KNOWN],
  real: ["at_least", "more_than", "at_most", "less_than", "between", ...KNOWN],
  text: [...TEXT, ...KNOWN],
  boolean: ["true", "false", ...KNOWN],
  instant: ["within", "longer_ago", "since", "before", ...KNOWN],
  list: ["has", ...KNOWN],
  segment: ["in", "not_in"],
  stages: ["is", "is_not", "one_of"],
  tiers: ["at_least", "at_most", "is", "is_not", "one_of"],
};
const COMPARED = {
  at_least: ">=", more_than: ">", at_most: "<=", less_than: "<", is: "==", is_not: "!=",
};
const MATCHED = ["contains", "starts_with", "ends_with"];
const UNITS = { days: ["P", "D"], hours: ["PT", "H"], minutes: ["PT", "M"] };

/** The comparisons that a type knows; a property of an event has no age. */
export function operators(type, property = false) {
  const found = OPS[type] ?? [];
  return property ? found.filter((op) => !["within", "longer_ago"].includes(op)) : found;
}

/** What a comparison asks for: `one`, `two`, `several`, `length`, `date` or nothing. */
export function asks(op) {
  if (op === "between") return "two";
  if (op === "one_of") return "several";
  if (["within", "longer_ago"].includes(op)) return "length";
  if (["since", "before"].includes(op)) return "date";
  return op in COMPARED || MATCHED.includes(op) || op === "has" ? "one" : "";
}

/** A comparison to begin with. */
export function begun(type, options = []) {
  const op = operators(type)[0];
  const words = ["text", "stages", "tiers", "list"].includes(type);
  return {
    op, type, value: words ? options[0] ?? "" : "1", high: "10", several: options.slice(0, 1),
    length: { n: "30", unit: "days" }, date: new Date().toISOString().slice(0, 10),
  };
}

// --- writing -----------------------------------------------------------------------------------

/** A comparison of a subject as a tree. */
export function toTest(of, item) {
  const { op } = item;
  if (["true", "in"].includes(op)) return of;
  if (["false", "not_in"].includes(op)) return { node: "not", of };
  if (op === "known") return { node: "known", of };
  if (op === "unknown") return { node: "not", of: { node: "known", of } };
  if (op === "between") {
    return { node: "between", of, low: number(item.value), high: number(item.high) };
  }
  if (op === "one_of") return { node: "in", of, options: item.several.map(text) };
  if (op === "has") return { node: "has", of, value: text(item.value) };
  if (MATCHED.includes(op)) return { node: "match", op, of, text: item.value, fold: true };
  if (asks(op) === "length") return aged(of, item);
  if (asks(op) === "date") {
    return compare(op === "since" ? ">=" : "<", of, { node: "instant", value: begins(item.date) });
  }
  const words = ["text", "stages", "tiers"].includes(item.type);
  return compare(COMPARED[op], of, words ? text(item.value) : number(item.value));
}

const compare = (op, left, right) => ({ node: "compare", op, left, right });
const number = (value) => ({ node: "number", value: value.trim() });
const text = (value) => ({ node: "text", value });

function aged(of, item) {
  const right = { node: "duration", value: iso(item.length) };
  return compare(item.op === "within" ? "<=" : ">", { node: "age", of }, right);
}

/** A length of time as ISO 8601. */
export function iso({ n, unit }) {
  const [before, after] = UNITS[unit];
  return `${before}${n.trim()}${after}`;
}

// --- reading -----------------------------------------------------------------------------------

/** The comparison that a tree is, with its subject; null where the builder has no fields for it. */
export function fromTest(tree, typeOf) {
  const found = read(tree);
  const type = found && typeOf(found.subject);
  if (!type) return null;
  const op = type === "segment" ? { true: "in", false: "not_in" }[found.op] : found.op;
  const property = found.subject.node === "property";
  return operators(type, property).includes(op) ? { ...begun(type), ...found, type, op } : null;
}

function read(tree) {
  const one = (op, subject, more = {}) => ({ op, subject, ...more });
  switch (tree.node) {
    case "not": return negated(tree.of);
    case "known": return one("known", tree.of);
    case "between":
      return numbers(tree.low, tree.high) &&
        one("between", tree.of, { value: String(tree.low.value), high: String(tree.high.value) });
    case "in":
      return tree.options.every((each) => each.node === "text")
        ? one("one_of", tree.of, { several: tree.options.map((each) => each.value) }) : null;
    case "match": return tree.fold ? one(tree.op, tree.of, { value: tree.text }) : null;
    case "has":
      return tree.value.node === "text" ? one("has", tree.of, { value: tree.value.value }) : null;
    case "compare": return compared(tree);
    default: return one("true", tree);
  }
}

function negated(of) {
  return of.node === "known" ? { op: "unknown", subject: of.of } : { op: "false", subject: of };
}

const numbers = (...ends) => ends.every((each) => each.node === "number");

function compared({ op, left, right }) {
  const named = Object.keys(COMPARED).find((each) => COMPARED[each] === op);
  if (right.node === "number" || right.node === "text") {
    return { op: named, subject: left, value: String(right.value) };
  }
  const date = right.node === "instant" && [">=", "<"].includes(op) && dayOf(right.value);
  if (date) return { op: op === "<" ? "before" : "since", subject: left, date };
  const span = right.node === "duration" && left.node === "age" && !left.step && length(right.value);
  if (span && ["<=", ">"].includes(op)) {
    return { op: op === "<=" ? "within" : "longer_ago", subject: left.of, length: span };
  }
  return null;
}

/** The length of time that an ISO 8601 text says in one unit; null for any other. */
export function length(said) {
  for (const [unit, [before, after]] of Object.entries(UNITS)) {
    const found = said.match(new RegExp(`^${before}(\\d+)${after}$`));
    if (found) return { n: found[1], unit };
  }
  return null;
}
