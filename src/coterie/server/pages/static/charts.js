// Draws each chart when it comes near the window, again when the paper turns dark or light.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const themes = JSON.parse(document.getElementById("themes").textContent);
const shown = new Map();
const near = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)),
  { rootMargin: "400px" },
);

async function draw(element) {
  const theme = dark.matches ? "dark" : "light";
  if (shown.get(element)?.theme === theme) return;
  const spec = shown.get(element)?.spec ?? JSON.parse(element.querySelector("script").textContent);
  shown.set(element, { theme, spec });
  const { vegaEmbed } = await import("./vega.js");
  await vegaEmbed(element, spec, {
    actions: false,
    ast: true, // no code out of text: the page forbids it
    config: themes[theme],
    defaultStyle: false,
    renderer: "svg",
    tooltip: { theme, disableDefaultStyle: true },
  });
  element.dataset.drawn = theme;
}

/** Draw the charts of a part of the page once they are near. */
export function drawn(part) {
  for (const each of part.querySelectorAll(".chart")) {
    if (Number(each.dataset.least)) each.style.minWidth = `${each.dataset.least}px`;
    near.observe(each);
  }
}

dark.addEventListener("change", () => {
  for (const each of shown.keys()) {
    if (each.isConnected) draw(each);
    else shown.delete(each);
  }
});
