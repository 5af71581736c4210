/* A statement may be dropped anywhere on the form; without this the file field does the same. */
"use strict";
for (const form of document.querySelectorAll("[data-drop-form]")) {
  const zone = form.querySelector("[data-drop-zone]");
  const field = form.querySelector("input[type=file]");
  const over = (on) => zone.classList.toggle("over", on);
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  form.addEventListener("dragleave", () => over(false));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer.files.length === 1) field.files = event.dataTransfer.files;
    field.focus();
  });
}
