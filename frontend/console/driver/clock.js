const FORGET_PER_S = 0.001; // clocks of machines drift apart by less than that

/** The platform's time in this browser: the least delayed message tells it best, so that an age is never told too low by more than that delay. */
export class PlatformClock {
  #offset = -Infinity;
  #heardAt = 0;

  /** A message left the platform at `at` (Unix ms) and is here now. */
  hear(at, now = Date.now()) {
    const worn = this.#offset - ((now - this.#heardAt) / 1000) * FORGET_PER_S * 1000;
    this.#offset = Math.max(worn, at - now);
    this.#heardAt = now;
  }

  /** Seconds since `taken` (Unix ms of the platform); never negative. */
  age(taken, now = Date.now()) {
    return Math.max(0, (now + (Number.isFinite(this.#offset) ? this.#offset : 0) - taken) / 1000);
  }
}

export const FRESH_S = 1.5; // older pictures are greyed and labelled
export const LOST_S = 10;

/** "0.4 s old", "12 s old", "3 min old". */
export function ageText(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s old`;
  return seconds < 60 ? `${Math.round(seconds)} s old` : `${Math.floor(seconds / 60)} min old`;
}
