// data-shortcut="/": pressing that key anywhere outside a field puts the focus there.
const FIELDS = "input, textarea, select, [contenteditable]";

export function init(root) {
  for (const target of root.querySelectorAll("[data-shortcut]")) {
    document.addEventListener("keydown", (event) => {
      const isPlain = !(event.ctrlKey || event.metaKey || event.altKey);
      if (isPlain && event.key === target.dataset.shortcut && !event.target.matches(FIELDS)) {
        event.preventDefault();
        target.focus();
        target.select?.();
      }
    });
  }
}
