// Conditions as the builder edits them, and the tree that a definition is made of.
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
  if (item.kind === "trait") return toTest({ node: "ref", name: item.name }, item);
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

function selection({ event, where }) {
  const of = { node: "event", event };
  if (!where.length) return of;
  const tests = where.map((each) => toTest({ node: "property", name: each.name }, each));
  return { node: "where", of, that: tests.length > 1 ? { node: "and", parts: tests } : tests[0] };
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

function trait(tree, { traits }) {
  const test = fromTest(tree, (subject) =>
    subject.node === "ref" && traits.find((each) => each.name === subject.name)?.type);
  return test && { kind: "trait", name: test.subject.name, ...test };
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
  const known = events.find((each) => each.name === named(leaf.of));
  const where = known && tests(leaf.of, known);
  if (leaf.since || (leaf.within && !window) || !where) return null;
  return { kind: "event", property: "", ...said, event: known.name, window, where };
}

function named(selection) {
  return selection.node === "where" ? named(selection.of) : selection.event;
}

function tests(selection, { properties }) {
  if (selection.node === "event") return [];
  if (selection.node !== "where" || selection.of.node !== "event") return null;
  const { that } = selection;
  const found = (that.node === "and" ? that.parts : [that]).map((each) => {
    const test = fromTest(each, (subject) =>
      subject.node === "property" && properties.find((one) => one.name === subject.name)?.type);
    return test && { ...test, name: test.subject.name };
  });
  return found.every(Boolean) ? found : null;
}
