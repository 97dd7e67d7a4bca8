// data-live-seconds: an element that htmx loads anew at the event "live:poll" (204: no change).
// Asks often at first and then less and less, not while the page is hidden or text is selected in
// it, and no longer than the seconds given. What is open and where the focus is stays so.
const FIRST_MS = 2000;
const LONGEST_MS = 30000;
const GROWTH = 1.4;
const followed = new WeakSet();

// The element with the focus, so that it is found again: by its id, its <details> or its link.
function placeOf(element) {
  if (!element) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const owner = element.closest("details[id]");
  if (element.matches("summary") && owner) return `#${CSS.escape(owner.id)} > summary`;
  const href = element.getAttribute("href");
  return href ? `a[href="${CSS.escape(href)}"]` : null;
}

function keep(event, live) {
  const { xhr } = event.detail;
  if (event.detail.elt !== live || xhr.status === 204) return;
  if (new URL(xhr.responseURL).pathname.endsWith("/login/")) {
    event.detail.shouldSwap = false;
    location.reload();
    return;
  }
  const open = [...live.querySelectorAll("details[id][open]")].map((item) => item.id);
  const focused = live.contains(document.activeElement) ? placeOf(document.activeElement) : null;
  document.addEventListener(
    "htmx:afterSwap",
    () => {
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      if (focused) document.querySelector(`#${live.id} ${focused}`)?.focus({ preventScroll: true });
    },
    { once: true },
  );
}

function isReadingIn(live) {
  const selection = getSelection();
  return !selection.isCollapsed && live.contains(selection.anchorNode);
}

function follow(live) {
  if (followed.has(live)) return;
  followed.add(live);
  const ends = Date.now() + Number(live.dataset.liveSeconds) * 1000;
  let wait = FIRST_MS;
  const later = () => {
    setTimeout(poll, wait);
    wait = Math.min(wait * GROWTH, LONGEST_MS);
  };
  const poll = () => {
    if (!live.isConnected || Date.now() > ends) return;
    if (document.hidden) document.addEventListener("visibilitychange", poll, { once: true });
    else if (isReadingIn(live)) later();
    else globalThis.htmx.trigger(live, "live:poll");
  };
  live.addEventListener("htmx:beforeSwap", (event) => keep(event, live));
  live.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt === live) later();
  });
  for (const note of live.querySelectorAll("[data-live-note]")) note.hidden = false;
  later();
}

export function init(root) {
  if (root.matches?.("[data-live-seconds]")) follow(root);
  for (const live of root.querySelectorAll("[data-live-seconds]")) follow(live);
}
