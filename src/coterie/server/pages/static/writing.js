// Numbers and instants in the reader's language and time zone.
const STYLES = {
  date: { dateStyle: "medium" },
  minute: { dateStyle: "medium", timeStyle: "short" },
  second: { dateStyle: "medium", timeStyle: "medium" },
  time: { timeStyle: "medium" },
};
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** A number as the reader writes it, with its sign where a change is said. */
export function number(value, digits = 0, signed = false) {
  return new Intl.NumberFormat(undefined, {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
    signDisplay: signed ? "exceptZero" : "auto",
  }).format(value);
}

/** An instant as the reader writes it. */
export function instant(value, style = "minute") {
  const at = new Date(value);
  if (style === "ago") return ago(at);
  return new Intl.DateTimeFormat(undefined, STYLES[style]).format(at);
}

function ago(at) {
  const seconds = (at - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS[3];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(
    Math.round(seconds / size), unit,
  );
}

/** Rewrite all numbers and instants of a part of the page. */
export function written(part) {
  for (const each of part.querySelectorAll("data.number")) {
    const { digits, sign } = each.dataset;
    each.textContent = number(Number(each.value), Number(digits ?? 0), sign === "true");
  }
  for (const each of part.querySelectorAll("time[data-style]")) {
    each.textContent = instant(each.dateTime, each.dataset.style);
    each.title = instant(each.dateTime, "second");
  }
}
