// The first page moves by itself: the overview comes each second while somebody looks.
import { load } from "./filters.js";
import { written } from "./writing.js";
import { word } from "./words.js";

let source = null;

function begin() {
  if (document.hidden || (source && source.readyState !== EventSource.CLOSED)) return;
  source = new EventSource("/v1/overview/stream");
  source.addEventListener("overview", (event) => show(JSON.parse(event.data)));
}

function end() {
  source?.close();
  source = null;
}

function show(view) {
  for (const each of document.querySelectorAll("[data-mode]")) {
    each.hidden = (each.dataset.mode === "live") !== view.live;
  }
  const at = document.querySelector("[data-field=at] time");
  at.dateTime = view.at;
  written(at.parentElement);
  const figures = document.getElementById("figures");
  for (const name of ["people", "rate", "lag", "stored", "received", "quarantined"]) put(figures, name, view[name]);
  for (const each of view.segments) showSegment(each);
  again("#segments", "names", `${view.people ? "some" : "none"} ${view.segments.map((each) => each.name).join(" ")}`);
  again("#attention", "shown", view.attention.map((each) => `${each.kind} ${each.name ?? ""} ${each.n ?? ""}`).join(", "));
}

/** Load a part of the page again where what it shows is not what there is. */
function again(part, key, now) {
  const element = document.querySelector(part);
  if (element.dataset[key] !== now && !element.hasAttribute("aria-busy")) load("/", part, { keep: false });
}

function showSegment(each) {
  const row = document.querySelector(`tr[data-name="${CSS.escape(each.name)}"]`);
  if (!row) return;
  const net = each.entered - each.left;
  const moved = put(row, "holds", each.holds);
  put(row, "entered", each.entered);
  put(row, "left", each.left);
  put(row, "net", net);
  const way = row.querySelector("[data-field=net] data").classList;
  way.toggle("up", net > 0);
  way.toggle("down", net < 0);
  way.toggle("soft", net === 0);
  draw(row.querySelector(".trend"), each.points);
  if (moved) flash(row);
}

/** Put a number where a field of an element shows it; whether it was another. */
function put(element, name, value) {
  const field = element.querySelector(`[data-field=${name}]`);
  let data = field?.querySelector("data");
  if (!field || value === null || value === undefined) return false;
  if (!data) {
    data = document.createElement("data");
    data.className = "number";
    data.dataset.digits = ["rate", "lag"].includes(name) ? 1 : 0;
    field.replaceChildren(data);
  }
  if (data.value === String(value)) return false;
  data.value = value;
  written(field);
  return true;
}

function flash(row) {
  row.classList.remove("fresh");
  requestAnimationFrame(() => row.classList.add("fresh"));
}

function draw(cell, points) {
  if (points.length < 2) return;
  const low = Math.min(...points);
  const span = Math.max(...points) - low || 1;
  const line = points.map((each, i) =>
    `${((i * 100) / (points.length - 1)).toFixed(1)},${(22 - (20 * (each - low)) / span).toFixed(1)}`);
  let picture = cell.querySelector("svg");
  if (!picture) {
    picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [key, value] of Object.entries({ class: "spark", viewBox: "0 0 100 24", preserveAspectRatio: "none", role: "img" })) picture.setAttribute(key, value);
    picture.append(document.createElementNS(picture.namespaceURI, "polyline"));
    cell.replaceChildren(picture);
  }
  picture.setAttribute("aria-label", word("spark", { first: points[0], last: points.at(-1) }));
  picture.querySelector("polyline").setAttribute("points", line.join(" "));
}

document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
document.addEventListener("back", begin);
addEventListener("pagehide", end);
begin();
