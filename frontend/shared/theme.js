// Light and dark: the system's choice until somebody says otherwise. The choice is a cookie, because the server then
// draws the page right from the first byte (inline scripts are forbidden).
const YEAR_S = 31536000;
const dark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();

export const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");

export const onTheme = (listener) => listeners.add(listener);

const announce = () => {
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.setAttribute("aria-pressed", String(theme() === "dark"));
  }
  for (const listener of listeners) listener(theme());
};

export function startTheme() {
  dark.addEventListener("change", announce);
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.addEventListener("click", () => {
      const next = theme() === "dark" ? "light" : "dark";
      document.documentElement.dataset.theme = next;
      document.cookie = `theme=${next}; path=/; max-age=${YEAR_S}; samesite=strict`;
      announce();
    });
  }
  announce();
}
