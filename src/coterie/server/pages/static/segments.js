// Sizes of segments move by themselves: the overview comes each second while somebody looks.
import { written } from "./writing.js";

let source = null;

function begin() {
  if (document.hidden || (source && source.readyState !== EventSource.CLOSED)) return;
  source = new EventSource("/v1/overview/stream");
  source.addEventListener("overview", (event) => JSON.parse(event.data).segments.forEach(show));
}

function end() {
  source?.close();
  source = null;
}

function show(each) {
  const row = document.querySelector(`#segments tr[data-name="${CSS.escape(each.name)}"]`);
  if (!row) return;
  const moved = put(row, "holds", each.holds);
  const net = each.entered - each.left;
  put(row, "net", net);
  const way = row.querySelector("[data-field=net] data").classList;
  way.toggle("up", net > 0);
  way.toggle("down", net < 0);
  way.toggle("soft", net === 0);
  if (moved) flash(row);
}

/** Put a number where a field of a row shows it; whether it was another. */
function put(row, name, value) {
  const field = row.querySelector(`[data-field=${name}]`);
  const data = field.querySelector("data");
  if (!data || data.value === String(value)) return false;
  data.value = value;
  written(field);
  return true;
}

function flash(row) {
  row.classList.remove("fresh");
  requestAnimationFrame(() => row.classList.add("fresh"));
}

document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
document.addEventListener("back", begin);
addEventListener("pagehide", end);
begin();
