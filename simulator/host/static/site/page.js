// What every page does: switch colours, send selects off, close menus.
const root = document.documentElement;

// On a narrow screen the navigation is a strip that scrolls sideways.
document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

for (const button of document.querySelectorAll("[data-toggle-colours]")) {
  button.addEventListener("click", () => {
    const mode = root.dataset.colorMode === "dark" ? "light" : "dark";
    // Embedded apps hear of it through the bridge, which watches this attribute.
    root.dataset.colorMode = mode;
    document.cookie = `color_mode=${mode}; path=/; max-age=31536000; samesite=lax`;
  });
}

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
});
