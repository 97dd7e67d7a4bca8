// Stacked bars, standing and lying, and what all kinds of charts have in common.
import { seriesColour, token } from "./chart_colours.js";

export const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);

export function common() {
  return {
    animation: false,
    locale: document.documentElement.lang,
    maintainAspectRatio: false,
  };
}

export function bars(data) {
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

// Lying bars: their labels may be long, and have half the width at most.
export function rows(data) {
  const { type, data: drawn, options } = bars(data);
  const { x, y } = options.scales;
  const afterFit = (scale) => {
    scale.width = Math.min(scale.width, scale.chart.width / 2);
  };
  const callback = function (_value, index) {
    const label = this.getLabelForValue(index);
    const room = Math.floor(this.chart.width / 2 / 7);
    return label.length > room ? `${label.slice(0, room - 1)}…` : label;
  };
  options.indexAxis = "y";
  options.scales = {
    x: { ...y, stacked: true },
    y: { ...x, afterFit, ticks: { color: token("--text"), autoSkip: false, callback } },
  };
  return { type, data: drawn, options };
}

// Lying bars of one length; the numbers themselves are told who points at them.
export function shares(data) {
  const total = (place) => data.datasets.reduce((sum, item) => sum + item.data[place], 0) || 1;
  const counts = data.datasets.map((item) => item.data);
  const datasets = data.datasets.map((item) => ({
    ...item,
    data: item.data.map((value, place) => (100 * value) / total(place)),
  }));
  const painted = rows({ ...data, datasets });
  const label = ({ dataset, datasetIndex, dataIndex, parsed }) =>
    `${dataset.label}: ${number(counts[datasetIndex][dataIndex])} (${number(Math.round(parsed.x))} %)`;
  painted.options.plugins.tooltip = { callbacks: { label } };
  painted.options.scales.x.max = 100;
  painted.options.scales.x.ticks.callback = (value) => `${number(value)} %`;
  return painted;
}
