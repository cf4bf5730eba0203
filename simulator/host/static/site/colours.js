// Runs before the first paint: the chosen colour mode, or else the system's, also when that changes.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => /(?:^|; )color_mode=(light|dark)/.exec(document.cookie)?.[1];
  const apply = () => {
    document.documentElement.dataset.colorMode = chosen() ?? (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
})();
