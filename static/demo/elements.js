// What both scripts of the page are made of. Text from answers only ever becomes text nodes.

export const place = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

export function strong(text) {
  return element("strong", {}, text ?? "unknown");
}

export function code(text) {
  return element("code", {}, text ?? "unknown");
}
