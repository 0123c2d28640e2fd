// Passkeys: each form here is a ceremony of two halves. The server asks, the device answers, the server says where to go on.

const NO_DEVICE = "No passkey was used. Try again, or take another way.";
const UNSENT = "No answer came. Check the connection and try again.";
const IN_USE = "This device has a passkey for you already. Sign in with it, or take another device.";

/** An invitation stands behind the # of the address, which is never sent; it is taken out of the address bar at once. */
const secret = location.hash.slice(1);

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) {
    say(form, "This browser knows no passkeys. Take another way.");
    form.hidden = false;
    continue;
  }
  form.hidden = false;
  if ("invited" in form.dataset && secret) history.replaceState(null, "", location.pathname);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form);
  });
}
document.documentElement.classList.add("scripted");

async function run(form) {
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  form.querySelector("[data-said]").hidden = true;
  try {
    const options = await sent(form, form.dataset.begin, secret ? { secret } : {});
    const answer = await asked(form.dataset.passkey, options);
    const { next } = await sent(form, form.dataset.finish, { answer: JSON.stringify(answer) });
    location.assign(next);
  } catch (error) {
    say(form, sentenceOf(error));
    button.disabled = false;
  }
}

function sentenceOf(error) {
  if (error instanceof Refused) return error.message;
  if (error.name === "InvalidStateError") return IN_USE;
  return error instanceof TypeError ? UNSENT : NO_DEVICE;
}

class Refused extends Error {}

/** The form with what is added, as JSON comes back. */
async function sent(form, address, more) {
  const body = new FormData(form);
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  const response = await fetch(address, { method: "POST", body, credentials: "same-origin" });
  if (!response.ok) throw new Refused(await response.text());
  return response.json();
}

async function asked(kind, options) {
  const publicKey = { ...options, challenge: bytesOf(options.challenge) };
  if (kind === "create") {
    publicKey.user = { ...options.user, id: bytesOf(options.user.id) };
    publicKey.excludeCredentials = described(options.excludeCredentials);
    return plain(await navigator.credentials.create({ publicKey }));
  }
  publicKey.allowCredentials = described(options.allowCredentials);
  return plain(await navigator.credentials.get({ publicKey }));
}

function described(list = []) {
  return list.map((one) => ({ ...one, id: bytesOf(one.id) }));
}

/** What the device answered, its bytes as base64url. */
function plain(credential) {
  const { id, rawId, type, response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const texts = parts.filter((name) => response[name]).map((name) => [name, textOf(response[name])]);
  return { id, rawId: textOf(rawId), type, response: Object.fromEntries(texts), clientExtensionResults: {} };
}

function bytesOf(text) {
  const signs = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(signs, (sign) => sign.charCodeAt(0));
}

function textOf(buffer) {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function say(form, sentence) {
  const said = form.querySelector("[data-said]");
  said.querySelector("[data-sentence]").textContent = sentence;
  said.hidden = false;
}
