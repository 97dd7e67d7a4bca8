// Loads the behaviours; each finds its own elements by data-* hooks.
import { init as initBox } from "./box.js";
import { init as initCopy } from "./copy.js";
import { init as initFolds } from "./folds.js";
import { init as initLive } from "./live.js";
import { init as initMenu } from "./menu.js";
import { init as initShortcuts } from "./shortcuts.js";
import { init as initThemeSwitch } from "./theme_switch.js";

function init(root) {
  initBox(root);
  initCopy(root);
  initFolds(root);
  initLive(root);
  initMenu(root);
  initThemeSwitch(root);
  initShortcuts(root);
}

init(document);
document.addEventListener("htmx:load", (event) => init(event.detail.elt));
