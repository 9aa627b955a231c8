// Expiries at the end of a period, in UTC: all URLs of one picture in one period are the same URL, so caches can keep it.
// A URL made late in its period lives shortly; a key's grace period covers the moment between making and loading it.

import { seconds } from "./checks.js";

const DAY = 24 * 60;

/** The largest period, 100 years: what lies beyond it has more than ten digits sooner or later. */
const MAX_MINUTES = 100 * 366 * DAY;

/** The last second of the month. @param {number} [now] Unix seconds @returns {number} */
export function endOfMonth(now = clock()) {
  const date = new Date(seconds(now, "now") * 1000);
  return bounded(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) / 1000 - 1);
}

/** The last second of the day. @param {number} [now] Unix seconds @returns {number} */
export function endOfDay(now = clock()) {
  return every(DAY, now);
}

/**
 * The last second of the period of so many minutes. Periods are counted from the first second of 1970.
 *
 * @param {number} minutes
 * @param {number} [now] Unix seconds
 * @returns {number}
 */
export function every(minutes, now = clock()) {
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MAX_MINUTES) {
    throw new TypeError("minutes must be a whole number, 1 or more, such as 15 for a quarter of an hour.");
  }
  const period = minutes * 60;
  return bounded((Math.floor(seconds(now, "now") / period) + 1) * period - 1);
}

function clock() {
  return Math.floor(Date.now() / 1000);
}

/** @param {number} exp */
function bounded(exp) {
  // The last period of ten digits is cut where they end.
  return Math.min(exp, 9_999_999_999);
}
