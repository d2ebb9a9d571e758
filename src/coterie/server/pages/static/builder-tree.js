// Conditions as the builder edits them, and the tree that a definition is made of.
import { selected, selection } from "./builder-selecting.js";
import { fromTest, iso, length, toTest } from "./builder-tests.js";

const JOINS = { all: "and", any: "or" };
export const VALUED = ["sum", "mean", "min", "max", "distinct"];

/** A new group. */
export const group = (join = "all", items = []) => ({ kind: "group", join, items });

// --- writing -----------------------------------------------------------------------------------

/** The predicate that a group says; `places` learns which item stands where. */
export function toTree(item, path, places) {
  places.set(path, item);
  if (item.kind === "group") return groupTree(item, path, places);
  if (item.kind === "trait") return toTest(calculated(item), item);
  return item.kind === "event" ? eventTree(item) : item.tree;
}

function groupTree({ join, items }, path, places) {
  if (join === "none") {
    return { node: "not", of: groupTree({ join: "any", items }, `${path}.of`, places) };
  }
  if (items.length === 1) return toTree(items[0], path, places);
  const parts = items.map((each, i) => toTree(each, `${path}.parts[${i}]`, places));
  return { node: JOINS[join], parts };
}

function eventTree(item) {
  const of = selection(item);
  const window = item.window ? { within: iso(item.window) } : {};
  if (item.measure === "any") return { node: "any", of, ...window };
  if (item.measure === "none") return { node: "not", of: { node: "any", of, ...window } };
  const value = VALUED.includes(item.measure)
    ? { value: { node: "property", name: item.property } } : {};
  return toTest({ node: item.measure, of, ...window, ...value }, item);
}

/** A trait, or what is worked out of it and another trait or a number. */
function calculated({ name, calculation }) {
  const left = { node: "ref", name };
  if (!calculation) return left;
  const { op, by, number } = calculation;
  const right = by ? { node: "ref", name: by } : { node: "number", value: number.trim() };
  return { node: "arithmetic", op, left, right };
}

// --- reading -----------------------------------------------------------------------------------

/** The group that a predicate is; what the builder has no fields for is kept as it is written. */
export function fromTree(tree, vocabulary) {
  const found = item(tree, vocabulary);
  return found.kind === "group" ? found : group("all", [found]);
}

function item(tree, vocabulary) {
  const inner = (parts) => parts.map((each) => item(each, vocabulary));
  if (tree.node === "and") return group("all", inner(tree.parts));
  if (tree.node === "or") return group("any", inner(tree.parts));
  const found = trait(tree, vocabulary) ?? happened(tree, vocabulary);
  if (found) return found;
  if (tree.node === "not") {
    return group("none", inner(tree.of.node === "or" ? tree.of.parts : [tree.of]));
  }
  return { kind: "other", tree };
}

export const NUMBERS = ["integer", "decimal", "real"];

function trait(tree, { traits }) {
  const typeOf = (name) => traits.find((each) => each.name === name)?.type;
  const isNumber = (node) => node.node === "ref" && NUMBERS.includes(typeOf(node.name));
  const test = fromTest(tree, (subject) => {
    if (subject.node === "ref") return typeOf(subject.name);
    const { left, right } = subject.node === "arithmetic" ? subject : {};
    return left && isNumber(left) && (isNumber(right) || right.node === "number") && "decimal";
  });
  if (!test) return null;
  const { subject } = test;
  if (subject.node === "ref") return { kind: "trait", calculation: null, ...test, name: subject.name };
  const { op, left, right } = subject;
  const calculation = { op, by: right.name ?? "", number: String(right.value ?? "1") };
  return { kind: "trait", ...test, name: left.name, calculation };
}

function happened(tree, { events }) {
  if (tree.node === "any") return event(tree, { measure: "any" }, events);
  if (tree.node === "not" && tree.of.node === "any") {
    return event(tree.of, { measure: "none" }, events);
  }
  const test = fromTest(tree, (subject) =>
    ["count", ...VALUED].includes(subject.node) && "decimal");
  if (!test) return null;
  const property = test.subject.value?.node === "property" ? test.subject.value.name : "";
  if (test.subject.value && !property) return null;
  return event(test.subject, { ...test, measure: test.subject.node, property }, events);
}

function event(leaf, said, events) {
  const window = leaf.within ? length(leaf.within) : null;
  const found = selected(leaf.of, events);
  if (leaf.since || (leaf.within && !window) || !found) return null;
  return { kind: "event", property: "", ...said, ...found, window };
}
