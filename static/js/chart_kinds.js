// How each kind of chart looks. A kind gives Chart.js its configuration, in the colours of the theme.
import { seriesColour, token } from "./chart_colours.js";

function common() {
  return {
    animation: false,
    locale: document.documentElement.lang,
    maintainAspectRatio: false,
  };
}

function bars(data) {
  const text = token("--text-muted");
  const grid = { color: token("--chart-grid") };
  const datasets = data.datasets.map((dataset, index) => ({
    ...dataset,
    backgroundColor: seriesColour(dataset.key, index),
  }));
  const options = {
    ...common(),
    interaction: { mode: "index", intersect: false },
    plugins: { legend: { position: "bottom", labels: { color: text, boxWidth: 12 } } },
    scales: {
      x: { stacked: true, grid: { display: false }, ticks: { color: text, maxRotation: 0 } },
      y: { stacked: true, beginAtZero: true, grid, ticks: { color: text, precision: 0 } },
    },
  };
  return { type: "bar", data: { labels: data.labels, datasets }, options };
}

// A node's name with what flows through it.
function withSums(labels, flows) {
  const sum = (key) =>
    flows.reduce(
      (total, item) => total + (item.from === key || item.to === key ? item.flow : 0),
      0,
    );
  const number = new Intl.NumberFormat(document.documentElement.lang);
  return Object.fromEntries(
    Object.entries(labels).map(([key, label]) => [key, `${label} ${number.format(sum(key))}`]),
  );
}

function flow(data) {
  const keys = Object.keys(data.labels);
  const colour = (key) => seriesColour(key, keys.indexOf(key));
  const datasets = data.datasets.map((dataset) => ({
    ...dataset,
    labels: withSums(data.labels, dataset.data),
    color: token("--text"),
    borderWidth: 0,
    alpha: 0.45,
    nodeWidth: 14,
    nodePadding: 24,
    colorMode: "gradient",
    colorFrom: (context) => colour(context.dataset.data[context.dataIndex].from),
    colorTo: (context) => colour(context.dataset.data[context.dataIndex].to),
  }));
  const options = { ...common(), plugins: { legend: { display: false } } };
  return { type: "sankey", data: { datasets }, options };
}

// The colour of the tokens, from hardly there to full.
function shade(value, most) {
  const alpha = most ? 0.08 + (0.92 * value) / most : 0.08;
  const hex = Math.round(alpha * 255).toString(16);
  return token("--chart-1") + hex.padStart(2, "0");
}

function heat(data) {
  const text = token("--text-muted");
  const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
  const datasets = data.datasets.map((dataset) => {
    const most = Math.max(0, ...dataset.data.map((cell) => cell.v));
    return {
      ...dataset,
      backgroundColor: (context) => shade(context.raw?.v ?? 0, most),
      width: ({ chart }) => (chart.chartArea?.width ?? 0) / 24 - 2,
      height: ({ chart }) => (chart.chartArea?.height ?? 0) / 7 - 2,
    };
  });
  const axis = {
    type: "category",
    offset: true,
    grid: { display: false },
    border: { display: false },
  };
  const label = ({ raw, dataset }) => `${dataset.label}: ${raw.v}`;
  const title = ([{ raw }]) => `${raw.y} ${raw.x}:00`;
  const options = {
    ...common(),
    plugins: { legend: { display: false }, tooltip: { callbacks: { title, label } } },
    scales: {
      x: { ...axis, labels: hours, ticks: { color: text, maxRotation: 0 } },
      y: { ...axis, reverse: true, labels: data.labels, ticks: { color: text } },
    },
  };
  return { type: "matrix", data: { datasets }, options };
}

export const KINDS = { bars, flow, heat };
