const pad = (n) => String(n).padStart(2, "0");

/** 65 -> "1:05"; 4000 -> "1:06:40". */
export function clock(seconds) {
  const s = Math.max(0, Math.round(seconds));
  return s < 3600 ? `${Math.floor(s / 60)}:${pad(s % 60)}` : `${Math.floor(s / 3600)}:${pad(Math.floor((s % 3600) / 60))}:${pad(s % 60)}`;
}

/** "4 s", "3 min", "2 h": how long ago, roughly. */
export function age(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  return s < 172800 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} d`;
}

/** "under 1 min", "4 min": a duration for riders. */
export const minutes = (seconds) => (seconds < 60 ? "under 1 min" : `${Math.round(seconds / 60)} min`);

export const distance = (metres) => (metres < 950 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(1)} km`);

export const speed = (mps) => `${Math.round(mps * 3.6)} km/h`;

/** Minor units to money in the reader's language: money(1230, "EUR") -> "€12.30". */
export function money(minor, currency) {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

export const time = (iso) => new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export const timeWithSeconds = (iso) => new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export const place = (point) => point?.name || (point ? `${point.lat.toFixed(5)}, ${point.lon.toFixed(5)}` : "—");

/** "stopped.at_pickup" -> "at pickup". */
export const words = (name) => String(name ?? "").split(".").pop().replaceAll("_", " ");
