// Draws each chart when it comes near the window, again when the paper turns dark or light.
"use strict";
const { specs, themes } = JSON.parse(document.getElementById("charts").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map();

async function draw(element) {
  const theme = dark.matches ? "dark" : "light";
  if (drawn.get(element) === theme) return;
  drawn.set(element, theme);
  await vegaEmbed(element, specs[element.id], {
    actions: false,
    ast: true, // no code out of text, so that the page may forbid it
    config: themes[theme],
    renderer: "svg",
    tooltip: { theme },
  });
}

const charts = [...document.querySelectorAll(".chart")];
const near = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)),
  { rootMargin: "1000px" },
);
charts.forEach((element) => near.observe(element));
dark.addEventListener("change", () => [...drawn.keys()].forEach(draw));
window.addEventListener("beforeprint", () => charts.forEach(draw));
