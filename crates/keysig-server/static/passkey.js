// Hands what the page asks for to the browser's passkey dialog and posts what comes back. What needs this script is hidden
// until it runs. The dialog opens by the button alone; beside the name, passkeys are only suggested.
const part = document.querySelector("[data-passkey]");
const { credentials } = navigator;

if (part && credentials && window.PublicKeyCredential) {
  const form = part.querySelector("form");
  const name = document.getElementById("identifier");
  const decode = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  const encode = (buffer) =>
    buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  const publicKey = () => {
    const options = JSON.parse(part.dataset.passkey);
    options.challenge = decode(options.challenge);
    if (options.user) options.user.id = decode(options.user.id);
    for (const known of options.excludeCredentials ?? options.allowCredentials ?? []) known.id = decode(known.id);
    return options;
  };

  const outcome = form.querySelector("[data-outcome]");
  const post = (field, value) => {
    field.value = value;
    const { typed } = form.elements;
    if (typed && name) typed.value = name.value;
    form.submit();
  };

  const answer = ({ rawId, type, response }) => {
    const given = { clientDataJSON: encode(response.clientDataJSON) };
    if (response.attestationObject) {
      given.attestationObject = encode(response.attestationObject);
      given.transports = response.getTransports?.() ?? [];
    } else {
      given.authenticatorData = encode(response.authenticatorData);
      given.signature = encode(response.signature);
      given.userHandle = encode(response.userHandle);
    }
    post(form.querySelector("[data-answer]"), JSON.stringify({ id: encode(rawId), rawId: encode(rawId), type, response: given }));
  };

  let suggestion = new AbortController();
  const suggest = async () => {
    if (!name || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    suggestion = new AbortController();
    const { signal } = suggestion;
    credentials.get({ publicKey: publicKey(), mediation: "conditional", signal }).then(answer, () => {});
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    suggestion.abort();
    if (outcome) {
      credentials.create({ publicKey: publicKey() }).then(answer, (error) => post(outcome, error.name));
    } else {
      // Whoever closes the dialog goes on with the page as it is.
      credentials.get({ publicKey: publicKey() }).then(answer, suggest);
    }
  });

  part.hidden = false;
  document.querySelector("[data-without-passkeys]")?.remove();
  suggest();
}
