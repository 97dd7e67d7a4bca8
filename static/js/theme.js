// Before the first paint: light or dark, as chosen or as the system says. Not a module on purpose.
{
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme") ?? "auto";
    } catch {
      return "auto"; // storage is off: follow the system
    }
  };
  const apply = () => {
    const choice = chosen();
    const isDark = choice === "dark" || (choice === "auto" && system.matches);
    root.dataset.bsTheme = isDark ? "dark" : "light";
    root.dataset.themeChoice = choice;
    document.dispatchEvent(new CustomEvent("mailgw:theme"));
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("mailgw:choose-theme", (event) => {
    try {
      localStorage.setItem("theme", event.detail);
    } catch {
      root.dataset.themeChoice = event.detail;
    }
    apply();
  });
}
