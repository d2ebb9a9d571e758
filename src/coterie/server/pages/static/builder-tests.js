// One comparison: of a trait, of a property, or of what is counted.
import { begins, dayOf } from "./zones.js";

export const NUMBERS = ["integer", "decimal", "real"];
const NUMBER = ["at_least", "more_than", "at_most", "less_than", "is", "is_not", "between"];
const INEXACT = ["at_least", "more_than", "at_most", "less_than", "between"];
const TEXT = ["is", "is_not", "one_of", "contains", "starts_with", "ends_with"];
const KNOWN = ["known", "unknown"];
const OPS = {
  integer: [...NUMBER, ...KNOWN],
  decimal: [...NUMBER, ...KNOWN],
  real: [...INEXACT, ...KNOWN],
  fading: [...INEXACT, ...KNOWN],
  text: [...TEXT, ...KNOWN],
  boolean: ["true", "false", "is", "is_not", ...KNOWN],
  instant: [
    "within", "longer_ago", "since", "before", "later", "earlier", "not_earlier", "not_later", ...KNOWN,
  ],
  list: ["has", ...KNOWN],
  numbers: ["has", ...KNOWN],
  things: KNOWN,
  segment: ["in", "not_in"],
  stages: ["is", "is_not", "one_of"],
  tiers: ["at_least", "at_most", "is", "is_not", "one_of"],
};
const COMPARED = {
  at_least: ">=", more_than: ">", at_most: "<=", less_than: "<", is: "==", is_not: "!=",
};
const ORDERED = { later: ">", not_earlier: ">=", earlier: "<", not_later: "<=" };
const MATCHED = ["contains", "starts_with", "ends_with"];
const AGES = ["within", "longer_ago"];
const UNITS = { days: ["P", "D"], hours: ["PT", "H"], minutes: ["PT", "M"] };

/** The type of a trait as it is compared: a list by what it holds. */
export function typeOf({ type, of = "text" }) {
  if (type !== "list" || of === "text") return type;
  return NUMBERS.includes(of) ? "numbers" : "things";
}

/** The comparisons that a type knows; a property of an event has no age, and meets no trait. */
export function operators(type, property = false) {
  const found = OPS[type] ?? [];
  return property ? found.filter((op) => !AGES.includes(op) && asks(op, type) !== "trait") : found;
}

/** What a comparison asks for: `one`, `two`, `several`, `length`, `date`, `trait` or nothing. */
export function asks(op, type) {
  if (op === "between") return "two";
  if (op === "one_of") return "several";
  if (AGES.includes(op)) return "length";
  if (["since", "before"].includes(op)) return "date";
  if (op in ORDERED || (type === "boolean" && op in COMPARED)) return "trait";
  return op in COMPARED || MATCHED.includes(op) || op === "has" ? "one" : "";
}

/** The types of traits that a comparison may have on its other side; none where it takes no trait. */
export function others({ op, type }) {
  if (asks(op, type) === "trait") return [type];
  if (!(op in COMPARED)) return [];
  if (NUMBERS.includes(type)) return NUMBERS;
  return type === "text" ? ["text"] : [];
}

/** A comparison to begin with. */
export function begun(type, options = []) {
  const op = operators(type)[0];
  const words = ["text", "stages", "tiers", "list"].includes(type);
  return {
    op, type, value: words ? options[0] ?? "" : "1", high: "10", several: options.slice(0, 1),
    length: { n: "30", unit: "days" }, date: new Date().toISOString().slice(0, 10), other: null,
  };
}

// --- writing -----------------------------------------------------------------------------------

/** A comparison of a subject as a tree. */
export function toTest(of, item) {
  const { op, type } = item;
  if (["true", "in"].includes(op)) return of;
  if (["false", "not_in"].includes(op)) return { node: "not", of };
  if (op === "known") return { node: "known", of };
  if (op === "unknown") return { node: "not", of: { node: "known", of } };
  if (op === "between") {
    return { node: "between", of, low: number(item.value), high: number(item.high) };
  }
  if (op === "one_of") return { node: "in", of, options: item.several.map(text) };
  if (op === "has") return { node: "has", of, value: type === "numbers" ? number(item.value) : text(item.value) };
  if (MATCHED.includes(op)) return { node: "match", op, of, text: item.value, fold: true };
  if (AGES.includes(op)) return aged(of, item);
  if (asks(op, type) === "date") {
    return compare(op === "since" ? ">=" : "<", of, { node: "instant", value: begins(item.date) });
  }
  const words = ["text", "stages", "tiers"].includes(type);
  const right = item.other ? otherTree(item.other) : words ? text(item.value) : number(item.value);
  return compare(COMPARED[op] ?? ORDERED[op], of, right);
}

const compare = (op, left, right) => ({ node: "compare", op, left, right });
const text = (value) => ({ node: "text", value });

/** A number as a tree. */
export const number = (value) => ({ node: "number", value: value.trim() });

function aged(of, item) {
  const right = { node: "duration", value: iso(item.length) };
  return compare(item.op === "within" ? "<=" : ">", { node: "age", of }, right);
}

/** Another trait, as it is or with a number; `turned` where the number stands first. */
function otherTree({ name, op, by, turned }) {
  const [trait, amount] = [{ node: "ref", name }, number(by)];
  if (!op) return trait;
  const [left, right] = turned && turns(op) ? [amount, trait] : [trait, amount];
  return { node: "arithmetic", op, left, right };
}

const turns = (op) => ["+", "*"].includes(op);

/** A length of time as ISO 8601. */
export function iso({ n, unit }) {
  const [before, after] = UNITS[unit];
  return `${before}${n.trim()}${after}`;
}

// --- reading -----------------------------------------------------------------------------------

/**
 * The comparison that a tree is, with its subject; null where the builder has no fields for it.
 * `typeOf` says the type of a subject, `ofTrait` that of a trait on the other side.
 */
export function fromTest(tree, typeOf, ofTrait = () => null) {
  const found = read(tree);
  const type = found && typeOf(found.subject);
  if (!type) return null;
  const said = { ...begun(type), ...found, type, op: named(found, type) };
  const fits = operators(type, found.subject.node === "property").includes(said.op)
    && (!said.other || others(said).includes(ofTrait(said.other.name)))
    && (said.op !== "has" || (type === "numbers") === (found.holds === "number"));
  return fits ? said : null;
}

function named({ op, sign }, type) {
  if (sign) {
    const signs = type === "instant" ? ORDERED : COMPARED;
    return Object.keys(signs).find((each) => signs[each] === sign);
  }
  return type === "segment" ? { true: "in", false: "not_in" }[op] : op;
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
    case "has": {
      const { node, value } = tree.value;
      return ["text", "number"].includes(node)
        ? one("has", tree.of, { value: String(value), holds: node }) : null;
    }
    case "compare": return compared(tree);
    default: return one("true", tree);
  }
}

function negated(of) {
  return of.node === "known" ? { op: "unknown", subject: of.of } : { op: "false", subject: of };
}

const numbers = (...ends) => ends.every((each) => each.node === "number");

function compared({ op, left, right }) {
  if (right.node === "number" || right.node === "text") {
    return { sign: op, subject: left, value: String(right.value) };
  }
  const other = otherOf(right);
  if (other) return { sign: op, subject: left, other };
  const date = right.node === "instant" && [">=", "<"].includes(op) && dayOf(right.value);
  if (date) return { op: op === "<" ? "before" : "since", subject: left, date };
  const span = right.node === "duration" && left.node === "age" && !left.step && length(right.value);
  if (span && ["<=", ">"].includes(op)) {
    return { op: op === "<=" ? "within" : "longer_ago", subject: left.of, length: span };
  }
  return null;
}

/** The other trait of a comparison, and what is done to it; null for what is no such. */
function otherOf(tree) {
  if (tree.node === "ref") return { name: tree.name, op: "", by: "1", turned: false };
  if (tree.node !== "arithmetic") return null;
  const { op, left, right } = tree;
  const turned = left.node === "number" && turns(op);
  const [trait, amount] = turned ? [right, left] : [left, right];
  return trait.node === "ref" && amount.node === "number"
    ? { name: trait.name, op, by: String(amount.value), turned } : null;
}

/** The length of time that an ISO 8601 text says in one unit; null for any other. */
export function length(said) {
  for (const [unit, [before, after]] of Object.entries(UNITS)) {
    const found = said.match(new RegExp(`^${before}(\\d+)${after}$`));
    if (found) return { n: found[1], unit };
  }
  return null;
}
