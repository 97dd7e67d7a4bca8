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
    offerPng(frame.closest(".chart-card"), canvas);
  } catch {
    canvas.hidden = true;
    message.textContent = frame.dataset.failed;
  }
}

function offerPng(card, canvas) {
  const button = card.querySelector("[data-chart-png]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => savePng(canvas, `${button.dataset.chartPng}.png`));
}

// On the card's colour: a transparent picture is unreadable on other ground.
function savePng(canvas, name) {
  const picture = document.createElement("canvas");
  picture.width = canvas.width;
  picture.height = canvas.height;
  const context = picture.getContext("2d");
  context.fillStyle = token("--surface-raised");
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(canvas, 0, 0);
  picture.toBlob((blob) => {
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
