// data-chart-url: stacked bars of JSON {labels, datasets: [{key, label, data}]}, in the colours of
// the theme. Chart.js is the page's global script.
import { seriesColour, token } from "./chart_colours.js";

const charts = new Set();

function options() {
  const text = token("--text-muted");
  const grid = { color: token("--chart-grid") };
  return {
    animation: false,
    locale: document.documentElement.lang,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    plugins: { legend: { position: "bottom", labels: { color: text, boxWidth: 12 } } },
    scales: {
      x: { stacked: true, grid: { display: false }, ticks: { color: text, maxRotation: 0 } },
      y: { stacked: true, beginAtZero: true, grid, ticks: { color: text, precision: 0 } },
    },
  };
}

function paint(chart) {
  chart.data.datasets.forEach((dataset, index) => {
    dataset.backgroundColor = seriesColour(dataset.key, index);
  });
  chart.options = options();
  chart.update();
}

async function draw(frame) {
  const message = frame.querySelector("[data-chart-message]");
  const canvas = frame.querySelector("canvas");
  message.textContent = frame.dataset.loading;
  try {
    const response = await fetch(frame.dataset.chartUrl);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const data = await response.json();
    canvas.hidden = false;
    const chart = new globalThis.Chart(canvas, { type: "bar", data, options: options() });
    charts.add(chart);
    paint(chart);
    message.textContent = "";
  } catch {
    canvas.hidden = true;
    message.textContent = frame.dataset.failed;
  }
}

export function init(root) {
  for (const frame of root.querySelectorAll("[data-chart-url]")) draw(frame);
}

document.addEventListener("mailgw:theme", () => charts.forEach(paint));
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) init(event.detail.elt);
});
init(document);
