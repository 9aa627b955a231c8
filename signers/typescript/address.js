import { isIPv4, isIPv6 } from "node:net";

/**
 * An address or a network in its one spelling: IPv4 without leading zeros, IPv6 as in RFC 5952, `::ffff:a.b.c.d` as the
 * IPv4 address that it is, a network of one address without its prefix, and the bits behind a prefix set to zero, so that
 * `${address}/64` means the caller's network.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function address(value) {
  const wrong = () =>
    new TypeError(
      "ip must be an IPv4 or IPv6 address, or one with a prefix such as 203.0.113.0/24 or 2001:db8::/64, without port or zone.",
    );
  const parts = typeof value === "string" ? /^([0-9a-fA-F.:]+)(?:\/([1-9][0-9]{0,2}))?$/.exec(value) : null;
  if (parts === null) throw wrong();
  const bytes = isIPv4(parts[1]) ? v4(parts[1]) : isIPv6(parts[1]) ? v6(parts[1]) : undefined;
  if (bytes === undefined) throw wrong();
  // The prefix of a mapped address counts its 96 leading bits as well: there is no such network to bind to.
  if (parts[2] === undefined) return written(bytes);
  const prefix = Number(parts[2]);
  if (prefix > bytes.length * 8 || (bytes.length === 4 && parts[1].includes(":"))) throw wrong();
  const network = bytes.map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * at))));
  return written(network) + (prefix === bytes.length * 8 ? "" : `/${prefix}`);
}

/** @param {string} text @returns {number[]} */
function v4(text) {
  return text.split(".").map(Number);
}

/** The 16 bytes, or the 4 of a mapped address. @param {string} text @returns {number[]} */
function v6(text) {
  // The URL parser writes the tail of `::ffff:1.2.3.4` as groups.
  const [head, tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split("::");
  const groups = (/** @type {string | undefined} */ part) =>
    part ? part.split(":").map((group) => Number.parseInt(group, 16)) : [];
  const [left, right] = [groups(head), groups(tail)];
  const all = [...left, ...Array(8 - left.length - right.length).fill(0), ...right];
  const bytes = all.flatMap((group) => [group >> 8, group & 0xff]);
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return mapped ? bytes.slice(12) : bytes;
}

/** @param {number[]} bytes @returns {string} */
function written(bytes) {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] << 8) | bytes[2 * at + 1]).toString(16));
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
