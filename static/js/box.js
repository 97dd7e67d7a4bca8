// data-box: a text field of one line that takes a paste of many. Enter sends it, Shift+Enter doesn't.
export function init(root) {
  for (const box of root.querySelectorAll("[data-box]")) {
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        box.form.requestSubmit();
      }
    });
  }
}
