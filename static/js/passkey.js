// Makes a passkey, or uses one, when somebody presses the button of a form with data-passkey. The form then takes
// the browser's answer to us. Without this, or where a browser has no passkeys, the form stays hidden.
(() => {
  "use strict";

  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withBytes = (one) => ({ ...one, id: toBytes(one.id) });

  const readOptions = (id) => {
    const { publicKey } = JSON.parse(document.getElementById(id).textContent);
    const options = { ...publicKey, challenge: toBytes(publicKey.challenge) };
    if (options.user) options.user = withBytes(options.user);
    for (const list of ["excludeCredentials", "allowCredentials"])
      if (options[list]) options[list] = options[list].map(withBytes);
    return { publicKey: options };
  };

  const describe = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (credential.response[name]) response[name] = toText(credential.response[name]);
    return {
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  };

  // A passkey belongs to one domain, and only its own pages may ask for it.
  const isHere = ({ publicKey }) => {
    const domain = publicKey.rpId ?? publicKey.rp.id;
    if (/^[\d.]+$|:/.test(domain)) return false; // a number is no domain
    return location.hostname === domain || location.hostname.endsWith(`.${domain}`);
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!isHere(readOptions(form.dataset.options))) continue;
    const button = form.querySelector("button");
    const wrong = document.getElementById(form.dataset.wrong);
    form.hidden = false;
    for (const note of document.querySelectorAll("[data-no-passkey]")) note.hidden = true;
    const ask = async () => {
      wrong.hidden = true;
      button.disabled = true;
      try {
        const credential = await navigator.credentials[form.dataset.passkey](readOptions(form.dataset.options));
        form.querySelector("[name=credential]").value = JSON.stringify(describe(credential));
        form.submit();
      } catch {
        wrong.hidden = false;
        button.disabled = false;
      }
    };
    button.addEventListener("click", ask);
    // Enter in the field of the name must not send a form without a passkey.
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask();
    });
  }
})();
