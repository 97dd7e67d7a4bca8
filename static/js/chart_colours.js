// The colour of a series comes from its key, by the tokens of the style sheet.
const TOKENS = {
  inbound: "--chart-1",
  outbound: "--chart-2",
  internal: "--chart-3",
  rejected: "--status-rejected",
  premium: "--chart-6",
  standard: "--chart-1",
  bulk: "--chart-2",
  unregistered: "--chart-8",
  delivered: "--status-delivered",
  deferred: "--status-deferred",
  bounced: "--status-bounced",
  expired: "--chart-4",
  quarantined: "--status-quarantined",
  blocked: "--status-rejected",
  queued: "--status-queued",
  held: "--chart-3",
};

export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// A key that has no token of its own takes the next of the chart's eight.
export function seriesColour(key, index) {
  return token(TOKENS[key] ?? `--chart-${(index % 8) + 1}`);
}
