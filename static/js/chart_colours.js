// The colour of a series comes from its key, by the tokens of the style sheet.
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// A key that has no token of its own takes the next of the chart's eight.
export function seriesColour(key, index) {
  return token(`--series-${key}`) || token(`--chart-${(index % 8) + 1}`);
}
