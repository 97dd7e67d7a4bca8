// data-chart-url: a chart of JSON {labels, datasets: [{key, label, data}]} of the kind that
// data-chart-kind names (bars by default). Chart.js is the page's global script.
import { token } from "./chart_colours.js";
import { KINDS } from "./chart_kinds.js";

const charts = new Map();

function paint(canvas) {
  const { kind, data, chart } = charts.get(canvas);
  const painted = KINDS[kind](structuredClone(data));
  chart.data = painted.data;
  chart.options = painted.options;
  chart.update();
}

function paintAll() {
  for (const canvas of charts.keys()) paint(canvas);
}

async function draw(frame) {
  const message = frame.querySelector("[data-chart-message]");
  const canvas = frame.querySelector("canvas");
  message.textContent = frame.dataset.loading;
  try {
    const response = await fetch(frame.dataset.chartUrl);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const data = await response.json();
    const kind = frame.dataset.chartKind ?? "bars";
    canvas.hidden = false;
    globalThis.Chart.defaults.font.family = token("--font");
    const chart = new globalThis.Chart(canvas, KINDS[kind](structuredClone(data)));
    charts.set(canvas, { kind, data, chart });
    message.textContent = "";
    offerPng(frame.closest(".chart-card"), message, frame.dataset.failed);
  } catch {
    canvas.hidden = true;
    message.textContent = frame.dataset.failed;
  }
}

function offerPng(card, message, failed) {
  const button = card.querySelector("[data-chart-png]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await savePng(button.dataset.chartSvg, `${button.dataset.chartPng}.png`);
      message.textContent = "";
    } catch {
      message.textContent = failed;
    }
  });
}

// The server's picture, with what it counts printed on it, at twice its size.
async function savePng(url, name) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await response.text())}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * image.naturalWidth;
  canvas.height = 2 * image.naturalHeight;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

export function init(root) {
  for (const frame of root.querySelectorAll("[data-chart-url]")) draw(frame);
}

document.addEventListener("mailgw:theme", paintAll);
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) init(event.detail.elt);
});
init(document);
