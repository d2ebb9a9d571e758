// A trait with another trait or a number: spend / orders.
import { amount, button, choice, made } from "./builder-fields.js";
import { begun, NUMBERS } from "./builder-tests.js";
import { word } from "./words.js";

const OPS = [["/", "÷"], ["*", "×"], ["+", "+"], ["-", "−"]];

/** The fields of a calculation, or a button that begins one; none for what is no number. */
export function calculating(item, trait, change, context) {
  if (!NUMBERS.includes(trait.type)) return [];
  const { calculation } = item;
  const numbers = context.vocabulary.traits.filter((each) => NUMBERS.includes(each.type));
  const [first] = numbers.filter((each) => each.name !== trait.name);
  if (!calculation) {
    const begin = { op: "/", by: first?.name ?? "", number: "1" };
    return [button(word("calculate"), () => change({
      calculation: begin, ...(item.type === "decimal" ? {} : begun("decimal")),
    }), { class: "quiet" })];
  }
  const set = (some) => change({ calculation: { ...calculation, ...some } });
  const by = [["", word("a_number")], ...numbers.map((each) => [each.name, each.name])];
  return [made("span", { class: "comparison" },
    choice(word("calculation"), OPS, calculation.op, (op) => set({ op })),
    choice(word("calculated_with"), by, calculation.by, (name) => set({ by: name })),
    ...(calculation.by ? [] : [amount(word("number"), calculation.number, (number) => {
      calculation.number = number;
      context.changed();
    }, "left.right.value")]),
    button("×", () => change({ calculation: null, ...begun(trait.type, trait.options) }),
      { "aria-label": word("remove_calculation"), class: "remove" }))];
}
