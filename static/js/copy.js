// data-copy="ID": a button that copies the text of that element; of a list of log lines, the lines
// alone (data-copy-line). It is hidden until scripts run.
function textOf(element) {
  const lines = element.querySelectorAll("[data-copy-line]");
  if (lines.length === 0) return element.textContent.trim();
  return [...lines].map((line) => line.textContent).join("\n");
}

async function write(element) {
  const text = textOf(element);
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without https there is no clipboard: the reader copies what is selected.
  getSelection().selectAllChildren(element);
  return document.execCommand("copy");
}

export function init(root) {
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) {
    const label = button.querySelector("[data-copy-label]");
    const words = label.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await write(document.getElementById(button.dataset.copy));
      label.textContent = button.dataset.copied;
      setTimeout(() => {
        label.textContent = words;
      }, 2000);
    });
  }
}
