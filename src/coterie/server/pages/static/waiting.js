// Parts of a page that are still worked on look again by themselves: `data-again` says where.
import { load, loading } from "./filters.js";

const FIRST = 400;
const MOST = 3000;
const pauses = new Map();

function waits(part) {
  const found = [...part.querySelectorAll("[data-again]")];
  if (part.matches?.("[data-again]")) found.push(part);
  for (const each of found) later(each);
}

function later(part) {
  const place = `#${part.id}`;
  const pause = Math.min(MOST, (pauses.get(place) ?? FIRST / 1.5) * 1.5);
  pauses.set(place, pause);
  setTimeout(() => {
    if (!part.isConnected) return;
    if (loading(place)) later(part); // somebody asks for something else meanwhile
    else load(part.dataset.again, place, { keep: false });
  }, pause);
}

document.addEventListener("finished", (event) => {
  if (event.target.id && !event.target.matches("[data-again]")) pauses.delete(`#${event.target.id}`);
  waits(event.target);
});
document.addEventListener("back", () => waits(document)); // what failed while nobody answered
waits(document);
