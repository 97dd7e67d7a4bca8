// data-choose: a form whose boxes can be chosen all at once, with a count of those chosen.
export function init(root) {
  for (const form of root.querySelectorAll("[data-choose]")) {
    const boxes = [...form.querySelectorAll("input[name=ids]")];
    const all = form.querySelector("[data-choose-all]");
    const count = form.querySelector("[data-chosen-count]");
    const update = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      all.checked = chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
      const text = chosen === 1 ? count.dataset.one : count.dataset.many.replace("%d", chosen);
      count.textContent = chosen ? text : "";
    };
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      update();
    });
    for (const box of boxes) box.addEventListener("change", update);
    form.querySelector("[data-choose-all-label]").hidden = false;
    update();
  }
}

init(document);
