// data-theme-choice: buttons that choose light, dark or the system's theme.
function mark(root) {
  const chosen = document.documentElement.dataset.themeChoice;
  for (const button of root.querySelectorAll("button[data-theme-choice]")) {
    const isChosen = button.dataset.themeChoice === chosen;
    button.setAttribute("aria-pressed", String(isChosen));
    button.classList.toggle("btn-primary", isChosen);
  }
}

export function init(root) {
  for (const button of root.querySelectorAll("button[data-theme-choice]")) {
    button.addEventListener("click", () => {
      const choice = button.dataset.themeChoice;
      document.dispatchEvent(new CustomEvent("mailgw:choose-theme", { detail: choice }));
      mark(document);
    });
  }
  mark(root);
}
