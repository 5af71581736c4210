/* Keeps a reader's place when HTMX refreshes a part: no refresh while something in it is being
   typed, read or focused, and nothing is announced twice. A part with `data-live` is refreshed
   around the focus, which stays with the element of the same id, as do its marks. The page is whole
   without this. */
"use strict";
(() => {
  const busy = (part) => {
    const active = document.activeElement;
    if (part.querySelector("details[open]:not([data-open])")) return true;
    if (!part.contains(active)) return false;
    return !part.hasAttribute("data-live") || active.matches("select, textarea, input:not([type=checkbox])");
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.elt;
    const asked = event.detail.requestConfig?.triggeringEvent;
    const by_itself = !asked || !/^(click|submit|change|keyup|search|input)$/.test(asked.type);
    if (part.matches("[hx-trigger*='every']") && by_itself && (busy(part) || document.hidden)) event.preventDefault();
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (target.textContent.trim() === fragment.textContent.trim()) event.preventDefault();
  });
  let marked = [], chosen = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    if (!part.hasAttribute?.("data-live")) return;
    marked = [...part.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.id);
    chosen = part.querySelector("[data-row][aria-current=true]")?.dataset.row ?? null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of marked) { const box = document.getElementById(id); if (box) box.checked = true; }
    if (chosen) for (const row of document.querySelectorAll("[data-rows] [data-row]"))
      row.toggleAttribute("aria-current", false), row.dataset.row === chosen && row.setAttribute("aria-current", "true");
    marked = []; chosen = null;
  });
  /* Menus in the header shut by themselves. */
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("header details[open]"))
      if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("header details[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
