/* Fills in the forms of passkeys (WebAuthn): asks the centre for a question, lets the browser answer
   it, and sends the answer as a form like any other. Where the browser knows none, they stay hidden. */
"use strict";
const bytesOf = (text) => Uint8Array.from(
  atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0),
);
const textOf = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const opened = (asked) => {
  asked.challenge = bytesOf(asked.challenge);
  if (asked.user) asked.user.id = bytesOf(asked.user.id);
  for (const known of [...asked.excludeCredentials || [], ...asked.allowCredentials || []]) {
    known.id = bytesOf(known.id);
  }
  return asked;
};

const told = (key) => {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (key.response[part]) response[part] = textOf(key.response[part]);
  }
  return JSON.stringify({ id: key.id, rawId: textOf(key.rawId), type: key.type, response });
};

const answered = async (form) => {
  const asked = await fetch(form.dataset.ask, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!asked.ok) throw new Error(String(asked.status));
  const publicKey = opened(await asked.json());
  return told(await navigator.credentials[form.dataset.passkey]({ publicKey }));
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !window.PublicKeyCredential;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [button, problem] = [form.querySelector("button"), form.querySelector("[data-passkey-problem]")];
    button.disabled = true;
    problem.hidden = true;
    try {
      form.elements.answer.value = await answered(form);
      form.submit();
    } catch {
      problem.hidden = false;
      button.disabled = false;
    }
  });
}
