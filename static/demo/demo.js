// Fills the demo page from /demo/state.json.

import { offer } from "./client.js";
import { code, element, place, strong } from "./elements.js";

const REFUSED = [
  ["Expired", "Signed correctly, and its time is over.", "expired_url"],
  ["Tampered", "Signed correctly, and changed afterwards.", "tampered_url"],
];

try {
  show(await load());
} catch (error) {
  place("failure").textContent = `The demo could not be prepared. ${error.message}`;
  place("failure").hidden = false;
}
place("progress").textContent = "";

async function load() {
  place("progress").textContent = "Rendering and tracing the demo's pictures…";
  const answer = await fetch("/demo/state.json", { cache: "no-store" });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.message ?? body.error ?? `The answer was ${answer.status}.`);
  return body;
}

function show(state) {
  place("demo").hidden = false;
  if (state.catalogue) offer();
  showClients(state);
  showDifference(state);
  place("refused").append(...REFUSED.map(([title, text, member]) => refusal(title, text, state[member])));
  const traces = state.traces ?? [];
  place("traces").append(...traces.map(trace));
  if (traces.length === 0) place("traces").append(element("tr", {}, element("td", { colSpan: 5, className: "none" }, "nothing was traced")));
  const gallery = state.gallery ?? [];
  place("gallery-section").hidden = gallery.length === 0;
  place("gallery").append(...gallery.map((entry) =>
    picture(entry.image_url, entry.title, null, strong(entry.title), element("br"), code(entry.operations))));
}

function showClients({ photo, operations, clients = [], difference }) {
  place("clients-text").append("Both clients asked for ", code(photo.name), " with the operations ", code(operations),
    ". Both received the mark in the middle, and each a copy of its own.");
  place("clients").append(...clients.map((client) => {
    const formats = [["PNG", client.image_url], ["JPEG", client.jpeg_url], ["WebP", client.webp_url]]
      .filter(([, url]) => isLocal(url))
      .flatMap(([name, url]) => [" ", element("a", { href: url, ariaLabel: `${name} for ${client.client_id}` }, name)]);
    const alt = `${photo.name} as ${client.client_id} receives it, with the visible mark in the middle`;
    return picture(client.image_url, alt, difference, strong(client.client_id), " with the key ", code(client.public_key),
      element("br"), "The files:", ...formats);
  }));
}

function showDifference({ difference, difference_url: url }) {
  if (!difference) {
    place("difference-text").append("There is no difference to show: the renderer did not answer.");
    return;
  }
  const share = difference.changed_pixels.toLocaleString("en", { style: "percent", maximumFractionDigits: 2 });
  place("difference-text").append(`${share} of the pixels are not the same in the two copies. They differ in their `,
    "least-significant bits, which no eye can see. Here the difference is amplified ",
    `${difference.amplified} times: grey where the copies agree, brighter or darker where they do not.`);
  place("difference").append(picture(url, `Difference of the two copies, amplified ${difference.amplified} times`, difference));
}

/** A figure that says so when its picture fails, and why. */
function picture(url, alt, size, ...caption) {
  const image = element("img", { alt, decoding: "async" });
  // Known sizes keep the page from jumping as pictures arrive.
  if (size) Object.assign(image, { width: size.width, height: size.height });
  const figure = element("figure", {}, image);
  if (caption.length > 0) figure.append(element("figcaption", {}, ...caption));
  image.addEventListener("error", async () => {
    image.className = "broken";
    figure.append(element("p", { className: "error" }, `This picture did not load. ${await whyBroken(url)}`));
  }, { once: true });
  image.src = isLocal(url) ? url : "";
  return figure;
}

async function whyBroken(url) {
  if (!isLocal(url)) return "There is no URL for it.";
  try {
    const answer = await fetch(url, { cache: "no-store" });
    if (answer.ok) return "The answer is not a picture that this browser can show.";
    const { error = "", message = "" } = await answer.json().catch(() => ({}));
    return `${answer.status} ${error}. ${message}`;
  } catch (error) {
    return error.message;
  }
}

/** A URL that must be refused, requested now, with the answer as it came. */
function refusal(title, text, url) {
  const status = element("p", { className: "status" }, "Waiting for the answer…");
  const body = element("pre");
  const card = element("article", { className: "answer" }, element("h3", {}, title), element("p", {}, text),
    element("p", { className: "request" }, code(`GET ${url ?? ""}`)), status, body);
  request(url).then(([code, bytes]) => {
    const refused = code >= 400;
    status.textContent = refused ? `Refused with ${code}` : `Answered with ${code}: this should have been refused`;
    body.textContent = refused ? bytes : "";
  }, (error) => {
    status.textContent = `No answer. ${error.message}`;
  });
  return card;
}

async function request(url) {
  if (!isLocal(url)) throw new Error("There is no URL to request.");
  const answer = await fetch(url, { cache: "no-store" });
  const text = await answer.text();
  try {
    return [answer.status, JSON.stringify(JSON.parse(text), null, 2)];
  } catch {
    return [answer.status, text];
  }
}

/** A row of the table: what `deckle trace` says of one picture. */
function trace(found) {
  const row = element("tr", {}, element("th", { scope: "row" }, found.of, element("small", {}, found.file ?? "")));
  if (!found.marked) {
    row.append(element("td", { colSpan: 4, className: "none" }, found.error ?? "no mark found"));
    return row;
  }
  const meaning = { "url-expiry": "when its URL expires" }[found.time_meaning] ?? found.time_meaning ?? "";
  const time = found.time
    ? [element("time", { dateTime: found.time }, found.time.replace("T", " ").replace("Z", " UTC")), element("small", {}, meaning)]
    : ["none: its URL does not expire"];
  row.append(cell("Client", strong(found.client_id)), cell("Key", code(found.public_key)),
    cell("Request", code(found.request_id)), cell("Time", ...time));
  return row;
}

function cell(label, ...children) {
  const cell = element("td", {}, element("div", {}, ...children));
  cell.dataset.label = label;
  return cell;
}

/** Whether this is a path on this very host, the only kind of address that the page loads or links to. */
function isLocal(url) {
  return typeof url === "string" && /^\/(?!\/)/.test(url);
}
