// Mends a refused row, or has the rows of the list tried again.
import { load } from "./filters.js";
import { word } from "./words.js";

async function tried(address, body) {
  const outcome = document.getElementById("outcome");
  document.querySelectorAll("main button").forEach((each) => { each.disabled = true; });
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(answer.statusText);
    return await answer.json();
  } catch {
    outcome.textContent = word("failed");
    return null;
  } finally {
    document.querySelectorAll("main button").forEach((each) => { each.disabled = false; });
  }
}

/** What the form says: cells by column, or the message's whole text. */
function edit(form) {
  const raw = form.querySelector("#raw");
  return raw ? { raw: raw.value } : { cells: Object.fromEntries(new FormData(form)) };
}

document.getElementById("mend")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const found = await tried(`/v1/quarantine/${form.dataset.row}/mending`, edit(form));
  if (!found) return;
  if (found.row) location.assign(`/data/quarantine/${found.row}?again=true`);
  document.getElementById("outcome").textContent = found.row ? "" : word("mended");
  form.querySelector("button").disabled = true;
});

document.addEventListener("click", async (event) => {
  if (event.target.id !== "replay") return;
  const { source, reason } = event.target.dataset;
  const found = await tried(`/v1/quarantine/replay?${new URLSearchParams({ source, reason })}`, {});
  if (!found) return;
  await load(location.href, "#rows");
  const outcome = document.getElementById("outcome");
  if (outcome) outcome.textContent = word("replayed", found);
});
