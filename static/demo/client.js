// The tab "An API client": the flow of the specification, with real requests to this server. It spends the demo client's credits, so it
// runs when it is asked to.

import { code, element, place } from "./elements.js";

const API = "/api/v1";
const TABS = ["demo", "client"];

/** Shows the tabs, because there is a catalogue. */
export function offer() {
  place("tabs").hidden = false;
  place("run").addEventListener("click", run);
  window.addEventListener("hashchange", choose);
  choose();
}

function choose() {
  const chosen = location.hash === "#client" ? "client" : "demo";
  for (const tab of TABS) {
    place(tab).hidden = tab !== chosen;
    const link = place(`${tab}-tab`);
    if (tab === chosen) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

async function run() {
  place("run").disabled = true;
  place("steps").replaceChildren();
  try {
    await flow();
    place("outcome").textContent = "Done. Run it again: the operator gives the client another key.";
  } catch (error) {
    place("outcome").textContent = `It ended early. ${error.message}`;
  }
  place("run").disabled = false;
}

async function flow() {
  place("outcome").textContent = "Asking…";
  const { client, barcode } = await ask("The operator gives the client an API key",
    "This is the demo's doing: in production somebody runs deckle client rotate. The key is shown once.",
    "POST", "/demo/client.json", {}, 200);

  const first = await ask("It logs in", "The key is good for an access token, and a refresh token that works once.",
    "POST", `${API}/auth/token`, { body: { client_id: client.client_id, api_key: client.api_key } }, 200);
  const authorized = (pair) => ({ authorization: `Bearer ${pair.access_token}` });

  const product = await ask("It asks for a product", "One credit for each picture. The URLs work once, for 15 minutes, from this address.",
    "GET", `${API}/products/${barcode}`, { headers: authorized(first) }, 200);
  const urls = await pictures(product.images);

  await ask("It uses the first picture's URL again", "Whoever copied it is too late.", "GET", urls[0], {}, 410);

  const second = await ask("It refreshes", "A new pair for the refresh token, which is used up by that.",
    "POST", `${API}/auth/refresh`, { body: { refresh_token: first.refresh_token } }, 200);
  await ask("It asks for its balance", "With the new access token.", "GET", `${API}/balance`, { headers: authorized(second) }, 200);

  await ask("The old refresh token comes back", "Somebody else has a copy: nobody can tell who is the thief, so everything ends.",
    "POST", `${API}/auth/refresh`, { body: { refresh_token: first.refresh_token } }, 401);
  await ask("The new pair is dead too", "So are the API key, until it is replaced, and the URLs that were not used.",
    "GET", `${API}/balance`, { headers: authorized(second) }, 401);
  await ask("And the key", "It waits for its owner, who was told by webhook.",
    "POST", `${API}/auth/token`, { body: { client_id: client.client_id, api_key: client.api_key } }, 403);
}

/** The pictures of a product, each loaded once by its URL. Their paths on this server. */
async function pictures(images) {
  const entries = Object.entries(images).filter(([, url]) => url !== null);
  const figures = entries.map(([variant, url]) => {
    const image = element("img", { alt: `${variant} of the product, with the visible mark in the middle` });
    const loaded = new Promise((resolve, reject) => {
      image.addEventListener("load", resolve, { once: true });
      image.addEventListener("error", () => reject(new Error(`The picture ${variant} did not load.`)), { once: true });
    });
    // URLs begin with where the server is reached; the page may have been opened by another of its names.
    const path = new URL(url, location.href).pathname;
    image.src = path;
    return { path, loaded, figure: element("figure", {}, image, element("figcaption", {}, variant)) };
  });
  place("steps").append(element("li", { className: "answer" }, element("h3", {}, "Its pages show the pictures"),
    element("p", {}, "Each URL is used by this page once. Every copy names the client in its invisible mark."),
    element("div", { className: "gallery" }, ...figures.map(({ figure }) => figure))));
  await Promise.all(figures.map(({ loaded }) => loaded));
  return figures.map(({ path }) => path);
}

/** A request made now, shown with its answer. Fails where the answer is not the one that it should be. */
async function ask(title, text, method, path, { headers = {}, body }, expected) {
  const status = element("p", { className: "status" }, "Waiting for the answer…");
  const answer = element("pre");
  const sent = [`${method} ${short(path)}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${short(value)}`)];
  if (body) sent.push("", shown(body));
  place("steps").append(element("li", { className: "answer" }, element("h3", {}, title), element("p", {}, text),
    element("pre", { className: "request" }, code(sent.join("\n"))), status, answer));
  const options = { method, headers: { ...headers }, cache: "no-store" };
  if (body) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options).catch((error) => {
    status.textContent = `No answer. ${error.message}`;
    throw error;
  });
  const read = await response.json().catch(() => ({}));
  answer.textContent = shown(read);
  if (response.status !== expected) {
    status.textContent = `${response.status}: this should have been ${expected}`;
    throw new Error(`${method} ${short(path)} was answered with ${response.status}.`);
  }
  status.textContent = `${response.status} ${read.error ?? ""}`.trim();
  return read;
}

function shown(value) {
  return JSON.stringify(value, (_, member) => (typeof member === "string" ? short(member) : member), 2);
}

/** Long texts are tokens: their beginning is enough to tell them apart. */
function short(text) {
  return text.replace(/[A-Za-z0-9_.-]{40,}/g, (token) => `${token.slice(0, 16)}…`);
}
