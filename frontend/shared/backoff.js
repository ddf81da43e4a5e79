/** Milliseconds before attempt `n` (from 0): full jitter below a doubling ceiling, so that many browsers don't return at once. */
export function backoffMs(n, { base = 400, ceiling = 15000, random = Math.random } = {}) {
  return Math.round(150 + random() * Math.min(ceiling, base * 2 ** n));
}
