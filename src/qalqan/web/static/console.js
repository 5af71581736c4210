/* Keeps a reader's place when HTMX refreshes the orders: no refresh while something in them is
   being typed, read or focused, and nothing is announced twice. The page is whole without this. */
"use strict";
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target;
  const busy = part.contains(document.activeElement) || part.querySelector("details[open]:not([data-open])");
  if (busy || document.hidden) event.preventDefault();
});
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.textContent.trim() === fragment.textContent.trim()) event.preventDefault();
});
