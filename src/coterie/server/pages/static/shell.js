// On every page: numbers and dates as the reader writes them, charts, filters, the connection.
import { written } from "./writing.js";
import { drawn } from "./charts.js";
import { filtered } from "./filters.js";
import { connected } from "./connection.js";

/** Finish a part of the page that has just come; call it after putting HTML into the page. */
export function finish(part) {
  written(part);
  drawn(part);
  filtered(part);
  part.dispatchEvent(new CustomEvent("finished", { bubbles: true }));
}

finish(document);
connected();
