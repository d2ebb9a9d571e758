// Days of the project's time zone: when they begin, as an instant of UTC.
let formed = form("UTC");

function form(zone) {
  return new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  });
}

/** Take days as those of a zone; one that this browser does not know is taken as UTC. */
export function inZone(zone) {
  try {
    formed = form(zone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    formed = form("UTC");
  }
}

/** The zone whose days are taken. */
export const zone = () => formed.resolvedOptions().timeZone;

/** By how many milliseconds the zone's clocks are ahead of UTC at an instant. */
function offset(at) {
  const said = Object.fromEntries(formed.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const shown = new Date(0);
  shown.setUTCFullYear(said.year, said.month - 1, said.day);
  shown.setUTCHours(said.hour, said.minute, said.second);
  return shown.getTime() - Math.floor(at / 1000) * 1000;
}

/** When 00:00 of a day is, in ISO 8601; where clocks show it twice the first, where never the next. */
export function begins(date) {
  const shown = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(shown)) return `${date}T00:00:00Z`; // the server says what is wrong with it
  const before = offset(shown - 86_400_000);
  const offsets = [before, offset(shown), offset(shown + 86_400_000)];
  const found = offsets.map((each) => shown - each).filter((at) => at + offset(at) === shown);
  const at = found.length ? Math.min(...found) : shown - before;
  return new Date(at).toISOString().replace(".000Z", "Z");
}

/** The day that begins at an instant in ISO 8601; null where none does. */
export function dayOf(said) {
  const at = Date.parse(said);
  if (!/T\d\d:\d\d:\d\dZ$/.test(said) || Number.isNaN(at)) return null;
  const date = new Date(at + offset(at)).toISOString().replace(/T.*$/, "");
  return begins(date) === said ? date : null;
}
