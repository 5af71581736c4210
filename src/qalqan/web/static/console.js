/* Keeps a reader's place when HTMX refreshes the orders: no refresh while something in them is
   being typed, read or focused; the page is whole without this file. */
"use strict";
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target;
  const busy = part.contains(document.activeElement) || part.querySelector("details[open]");
  if (busy || document.hidden) event.preventDefault();
});
