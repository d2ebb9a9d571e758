// Conditions as the builder edits them, and the tree that a definition is made of.
import { eventTree, happened } from "./builder-leaves.js";
import { fromTest, number, NUMBERS, toTest, typeOf } from "./builder-tests.js";

const JOINS = { all: "and", any: "or" };

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

/** A trait, or what is worked out of it and another trait or a number. */
function calculated({ name, calculation }) {
  const left = { node: "ref", name };
  if (!calculation) return left;
  const { op, by } = calculation;
  const right = by ? { node: "ref", name: by } : number(calculation.number);
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
  const ofTrait = types(vocabulary);
  const found = trait(tree, ofTrait) ?? happened(tree, vocabulary, ofTrait);
  if (found) return found;
  if (tree.node === "not") {
    return group("none", inner(tree.of.node === "or" ? tree.of.parts : [tree.of]));
  }
  return { kind: "other", tree };
}

/** What says the type of a trait by its name. */
function types({ traits }) {
  return (name) => {
    const found = traits.find((each) => each.name === name);
    return found && typeOf(found);
  };
}

function trait(tree, ofTrait) {
  const isNumber = (node) => node.node === "ref" && NUMBERS.includes(ofTrait(node.name));
  const test = fromTest(tree, (subject) => {
    if (subject.node === "ref") return ofTrait(subject.name);
    const { left, right } = subject.node === "arithmetic" ? subject : {};
    return left && isNumber(left) && (isNumber(right) || right.node === "number") && "decimal";
  }, ofTrait);
  if (!test) return null;
  const { subject } = test;
  if (subject.node === "ref") return { kind: "trait", calculation: null, ...test, name: subject.name };
  const { op, left, right } = subject;
  const calculation = { op, by: right.name ?? "", number: String(right.value ?? "1") };
  return { kind: "trait", ...test, name: left.name, calculation };
}
