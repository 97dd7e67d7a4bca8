// data-open-wide: folded on narrow screens only; for browsers that can't be told so by CSS.
const isUnfoldedByCss = CSS.supports("selector(::details-content)");
const isWide = window.matchMedia("(min-width: 48rem)").matches;

export function init(root) {
  if (!isWide || isUnfoldedByCss) return;
  for (const fold of root.querySelectorAll("[data-open-wide]")) fold.open = true;
}
