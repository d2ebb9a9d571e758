// Which events a condition counts: of one name, with conditions, alone or beside another event.
import { fromTest, iso, length, toTest } from "./builder-tests.js";

/** How an event may stand to another: after it, not followed by it, either of both; or in sessions. */
export const RELATIONS = ["after", "without", "or", "sessions"];
export const LASTING = ["after", "without", "sessions"];

// --- writing -----------------------------------------------------------------------------------

/** The selection that an item says. */
export function selection(item) {
  const own = filtered(item);
  const { relation, within } = item.beside ?? {};
  const length = relation && iso(within);
  switch (relation) {
    case "after": return { node: "then", first: filtered(item.beside), second: own, within: length };
    case "without": return { node: "without", first: own, second: filtered(item.beside), within: length };
    case "or": return { node: "either", parts: [own, filtered(item.beside)] };
    case "sessions": return { node: "sessions", of: own, gap: length };
    default: return own;
  }
}

/** Events of one name, where all conditions are true. */
export function filtered({ event, where }) {
  const of = { node: "event", event };
  if (!where.length) return of;
  const tests = where.map((each) => toTest({ node: "property", name: each.name }, each));
  return { node: "where", of, that: tests.length > 1 ? { node: "and", parts: tests } : tests[0] };
}

// --- reading -----------------------------------------------------------------------------------

/** Event, conditions and what stands beside it; null where the builder has no fields for it. */
export function selected(tree, events) {
  const two = (own, other, relation, lasts) => {
    const [one, beside, within] = [plain(own, events), plain(other, events), lasts && length(lasts)];
    if (!one || !beside || (lasts && !within)) return null;
    return { ...one, beside: { relation, ...beside, within: within || month() } };
  };
  switch (tree.node) {
    case "then": return two(tree.second, tree.first, "after", tree.within);
    case "without": return two(tree.first, tree.second, "without", tree.within);
    case "either": return tree.parts.length === 2 ? two(...tree.parts, "or") : null;
    case "sessions": return two(tree.of, tree.of, "sessions", tree.gap);
    default: {
      const one = plain(tree, events);
      return one && { ...one, beside: null };
    }
  }
}

/** A length of time to begin with. */
export const month = () => ({ n: "30", unit: "days" });

/** An event with its conditions, beside no other; null where the builder has no fields for it. */
export function plain(tree, events) {
  const name = tree.node === "where" ? tree.of.event : tree.event;
  const known = events.find((each) => each.name === name);
  const where = known && tests(tree, known);
  return where ? { event: known.name, where } : null;
}

function tests(tree, { properties }) {
  if (tree.node === "event") return [];
  if (tree.node !== "where" || tree.of.node !== "event") return null;
  const { that } = tree;
  const found = (that.node === "and" ? that.parts : [that]).map((each) => {
    const test = fromTest(each, (subject) =>
      subject.node === "property" && properties.find((one) => one.name === subject.name)?.type);
    return test && { ...test, name: test.subject.name };
  });
  return found.every(Boolean) ? found : null;
}
