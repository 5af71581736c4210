/* Keys by their place on the keyboard (event.code), so that they work on any layout; silent while
   something is being typed, and off where an officer switched them off. Pages only add attributes:
   data-key="KeyH" on a link, button or field; data-go="KeyQ" after G; data-rows with data-row for
   lists that J and K walk. Everything here can be reached without it. */
"use strict";
(() => {
  const off = () => document.body.dataset.keys === "off";
  const typing = (part) =>
    part && (part.isContentEditable || /^(TEXTAREA|SELECT)$/.test(part.tagName) ||
      (part.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(part.type)));
  const shown = (part) => part && !part.disabled && part.getClientRects().length > 0;
  const find = (name, code) => {
    const all = [...document.querySelectorAll(`[data-${name}="${code}"]`)].filter(shown);
    const row = document.activeElement?.closest?.("[data-row]") ?? chosen();
    return all.find((part) => row?.contains(part)) ?? all[0]; // the chosen row's own comes first
  };
  let waiting = 0; // until when a key after G counts

  function press(part) {
    if (part.matches("input:not([type=checkbox]), textarea, select")) { part.focus(); part.select?.(); }
    else part.click();
  }

  const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
  const chosen = () => rows().find((row) => row.getAttribute("aria-current") === "true");

  function choose(row, quiet) {
    for (const each of rows()) each.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    const link = row.querySelector("a.title, a");
    link?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    if (!quiet && link?.hasAttribute("hx-get")) link.dispatchEvent(new CustomEvent("look", { bubbles: true }));
  }

  function walk(by) {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(document.activeElement?.closest?.("[data-row]") ?? chosen());
    choose(all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))]);
    return true;
  }

  function mark() {
    const box = (document.activeElement?.closest?.("[data-row]") ?? chosen())?.querySelector("input[type=checkbox]");
    box?.click();
    return Boolean(box);
  }

  function list() {
    const open = document.querySelector("dialog.keys");
    if (open) return open.close(), true;
    if (!document.querySelector("link[href*='queue.']")) return location.assign("/keys"), true;
    const box = document.createElement("dialog");
    box.className = "keys";
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
    htmx.ajax("GET", "/keys?part=1", { target: box, swap: "innerHTML" });
    return true;
  }

  function after(code) {
    waiting = 0;
    const target = find("go", code);
    if (target) press(target);
    return Boolean(target);
  }

  function enter(event) {
    const link = chosen()?.querySelector("[data-open]");
    const active = document.activeElement;
    if (link && (active === document.body || active === link || active === link.closest("[data-row]"))) {
      location.assign(link.dataset.open);
      return true;
    }
    return false;
  }

  const own = { KeyJ: () => walk(1), KeyK: () => walk(-1), KeyX: mark, Enter: enter };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (typing(document.activeElement)) {
      if (event.code === "Escape") document.activeElement.blur();
      return;
    }
    if (off() && event.code !== "Escape" && event.code !== "Enter") return;
    if (document.querySelector("dialog[open]") && event.code !== "Slash") return;
    if (waiting > Date.now()) { if (after(event.code)) event.preventDefault(); return; }
    if (event.code === "Slash" && event.shiftKey) { if (list()) event.preventDefault(); return; }
    if (event.shiftKey && event.code !== "Slash") return;
    if (event.code === "KeyG") { waiting = Date.now() + 1500; return; }
    const target = event.code === "Enter" ? null : find("key", event.code);
    if (target) { event.preventDefault(); press(target); }
    else if (own[event.code]?.(event)) event.preventDefault();
  });

  /* A click on a row's link chooses the row; the drawer follows. */
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("[data-rows] [data-row]");
    if (row && event.target.closest("a.title")) choose(row, true);
  });
  let soon = 0;
  document.addEventListener("look", (event) => {
    clearTimeout(soon);
    const link = event.target;
    soon = setTimeout(() => htmx.ajax("GET", link.getAttribute("hx-get"), { target: "#drawer", swap: "outerHTML" }), 120);
  });

  /* How many are marked, said beside the buttons that act on them. */
  const count = () => {
    const n = document.querySelectorAll("input[name=case][form=bulk]:checked").length;
    for (const place of document.querySelectorAll("[data-marked]")) place.textContent = n ? String(n) : "";
  };
  document.addEventListener("change", count);
  document.addEventListener("htmx:afterSettle", count);

  /* What can be undone for some seconds goes when they are over. */
  for (const part of document.querySelectorAll("[data-seconds]"))
    setTimeout(() => part.remove(), 1000 * Number(part.dataset.seconds));

  /* The last quarter of an hour ticks; the next refresh puts it right. */
  setInterval(() => {
    for (const part of document.querySelectorAll(".digits[data-left]")) {
      const left = Math.max(0, Number(part.dataset.left) - 1);
      part.dataset.left = String(left);
      const shown = part.textContent.replace(/^\d+:\d\d/, `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
      if (left > 0) part.textContent = shown;
    }
  }, 1000);
})();
