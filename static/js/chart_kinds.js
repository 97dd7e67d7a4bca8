// How each kind of chart looks. A kind gives Chart.js its configuration, in the colours of the theme.
import { bars, common, number, rows, shares } from "./chart_bars.js";
import { seriesColour, token } from "./chart_colours.js";

// Areas as large as their numbers; data: {label, value, key}, of which key says how well it goes.
function domains(data) {
  const item = (context) => context.raw?._data ?? {};
  const datasets = data.datasets.map(({ data: tree, label }) => ({
    label,
    tree,
    key: "value",
    spacing: 1,
    borderWidth: 0,
    borderRadius: 3,
    backgroundColor: (context) => `${seriesColour(item(context).key ?? "", 0)}57`,
    labels: {
      display: true,
      align: "left",
      position: "top",
      overflow: "hidden",
      color: token("--text"),
      formatter: (context) => [item(context).label, number(item(context).value)],
    },
  }));
  const title = ([{ raw }]) => raw._data.label;
  const label = ({ raw, dataset }) => `${dataset.label}: ${number(raw._data.value)}`;
  const options = {
    ...common(),
    plugins: { legend: { display: false }, tooltip: { callbacks: { title, label } } },
  };
  return { type: "treemap", data: { datasets }, options };
}

// A node's name with what flows through it: each flow enters it once, or else leaves it once.
function withSums(labels, flows) {
  const through = (key) => {
    const sum = (end) => flows.reduce((all, item) => all + (item[end] === key ? item.flow : 0), 0);
    return Math.max(sum("from"), sum("to"));
  };
  return Object.fromEntries(
    Object.entries(labels).map(([key, label]) => [key, `${label} ${number(through(key))}`]),
  );
}

// Each flow has the colour of its ending (key) all the way; data: {from, to, flow, key}.
function flow(data) {
  const keys = Object.keys(data.labels);
  const ink = token("--text");
  const muted = token("--text-muted");
  const colour = ({ key }) => seriesColour(key, keys.indexOf(`ending:${key}`));
  const item = ({ dataset, dataIndex }) => dataset.data[dataIndex];
  const datasets = data.datasets.map((dataset) => ({
    ...dataset,
    labels: withSums(data.labels, dataset.data),
    priority: Object.fromEntries(keys.map((key, place) => [key, place])),
    color: ink,
    borderWidth: 0,
    nodeWidth: 12,
    nodeMinSize: 2,
    nodePadding: 30,
    nodePaddingMode: "even",
    // On ground of its own, so that no flow strikes it through.
    nodeLabels: { backgroundColor: `${token("--surface-raised")}e6`, borderRadius: 3, padding: 4 },
    colorFrom: muted,
    colorTo: (context) => (item(context).to.startsWith("ending:") ? colour(item(context)) : muted),
    flowColor: (context) => `${colour(item(context))}70`,
  }));
  const label = ({ raw }) =>
    `${data.labels[raw.from]} → ${data.labels[raw.to]}: ${number(raw.flow)}`;
  const options = {
    ...common(),
    layout: { padding: { left: 3, right: 16, top: 8, bottom: 10 } },
    plugins: { legend: { display: false }, tooltip: { callbacks: { label } } },
  };
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
  const label = ({ raw, dataset }) => `${dataset.label}: ${number(raw.v)}`;
  const title = ([{ raw }]) => `${raw.y} ${raw.x}:00`;
  const options = {
    ...common(),
    plugins: { legend: { display: false }, tooltip: { callbacks: { title, label } } },
    scales: {
      x: { ...axis, labels: hours, ticks: { color: text, maxRotation: 0 } },
      y: { ...axis, reverse: false, labels: data.labels, ticks: { color: text } },
    },
  };
  return { type: "matrix", data: { datasets }, options };
}

export const KINDS = { bars, rows, shares, domains, flow, heat };
