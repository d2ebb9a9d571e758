// What a condition counts of its events: the aggregate as a tree, and the tree as fields.
import { optional, takes, typeOfMeasure } from "./builder-measures.js";
import { filtered, plain, selected, selection } from "./builder-selecting.js";
import { fromTest, iso, length, number, toTest } from "./builder-tests.js";
import { begins, dayOf } from "./zones.js";

const STARTS = ["first_at", "last_at"];

/** What only some measures have, to begin with. */
export const begunLeaf = () => ({
  property: "", window: null, since: null, limit: "5",
  fading: { by: "half_life", length: { n: "7", unit: "days" }, rate: "0.1" },
});

// --- writing -----------------------------------------------------------------------------------

/** A condition on events as a tree. */
export function eventTree(item) {
  const { measure } = item;
  if (measure === "any") return leaf("any", item);
  if (measure === "none") return { node: "not", of: leaf("any", item) };
  return toTest(leaf(measure, item), item);
}

function leaf(node, item) {
  const found = { node, of: selection(item) };
  if (item.window) found.within = iso(item.window);
  if (item.since) found.since = beginning(item.since);
  const property = { node: "property", name: item.property };
  if (node === "decayed") return { ...found, ...faded(item), ...(item.property ? { weight: property } : {}) };
  if (takes(node)) found.value = property;
  if (node === "values") found.limit = whole(item.limit);
  return found;
}

/** A whole number; what is none stays as it was typed, for the server to say so. */
const whole = (typed) => /^\d{1,9}$/.test(typed.trim()) ? Number(typed) : typed;

const faded = ({ fading: { by, length: lasts, rate } }) =>
  by === "rate" ? { rate: rate.trim() } : { half_life: iso(lasts) };

function beginning({ from, date, name, ...of }) {
  if (from === "date") return { node: "instant", value: begins(date) };
  return from === "trait" ? { node: "ref", name } : { node: from, of: filtered(of) };
}

// --- reading -----------------------------------------------------------------------------------

/** The condition on events that a tree is; null where the builder has no fields for it. */
export function happened(tree, vocabulary, ofTrait) {
  if (tree.node === "any") return event(tree, { measure: "any" }, vocabulary, ofTrait);
  if (tree.node === "not" && tree.of.node === "any") {
    return event(tree.of, { measure: "none" }, vocabulary, ofTrait);
  }
  const test = fromTest(tree, (subject) => typeOfLeaf(subject, vocabulary), ofTrait);
  return test && event(test.subject, { ...test, measure: test.subject.node }, vocabulary, ofTrait);
}

function typeOfLeaf(subject, { events }) {
  const found = subject.of && selected(subject.of, events);
  const name = found && propertyOf(subject);
  if (!found || name === null) return null;
  return typeOfMeasure(events.find((each) => each.name === found.event), subject.node, name);
}

/** The property that an aggregate is of, empty for none; null where it is of anything else. */
function propertyOf(leaf) {
  const value = leaf.value ?? leaf.weight;
  if (!value) return takes(leaf.node) && !optional(leaf.node) ? null : "";
  return value.node === "property" ? value.name : null;
}

function event(leaf, said, { events, traits }, ofTrait) {
  const found = selected(leaf.of, events);
  const window = leaf.within ? length(leaf.within) : null;
  const since = leaf.since ? begunAt(leaf.since, events, ofTrait) : null;
  const fading = leaf.node === "decayed" ? fades(leaf) : begunLeaf().fading;
  if (!found || !fading || (leaf.within && !window) || (leaf.since && (!since || window))) return null;
  const limit = String(leaf.limit ?? begunLeaf().limit);
  return { kind: "event", ...said, ...found, property: propertyOf(leaf), window, since, limit, fading };
}

function fades({ half_life: half, rate, step }) {
  const { fading } = begunLeaf();
  if (step || (half && rate !== undefined)) return null;
  if (rate !== undefined) return { ...fading, by: "rate", rate: String(rate) };
  const lasts = length(half ?? "");
  return lasts && { ...fading, length: lasts };
}

/** From when on events count: a date, a trait, or the first or last of some events. */
function begunAt(tree, events, ofTrait) {
  if (tree.node === "instant") {
    const date = dayOf(tree.value);
    return date && { from: "date", date };
  }
  if (tree.node === "ref") return ofTrait(tree.name) === "instant" ? { from: "trait", name: tree.name } : null;
  const of = STARTS.includes(tree.node) && !tree.within && plain(tree.of, events);
  return of ? { from: tree.node, ...of } : null;
}
