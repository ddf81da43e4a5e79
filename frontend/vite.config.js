import { resolve } from "node:path";
import { defineConfig } from "vite";

const ENTRIES = { console: "console/main.js", zones: "zones/main.js", releases: "releases/main.js", rider: "rider/main.js", pages: "shared/pages.js" };

// Django finds the hashed files by dist/manifest.json and serves them below /static/.
export default defineConfig({
  root: import.meta.dirname,
  base: "/static/",
  publicDir: false,
  worker: { format: "es" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    chunkSizeWarningLimit: 1400, // MapLibre alone
    assetsInlineLimit: 0, // data: fonts and scripts would need holes in the content security policy
    rolldownOptions: {
      input: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, resolve(import.meta.dirname, file)])),
      output: { codeSplitting: { groups: [{ name: "maplibre", test: /node_modules[\\/]maplibre-gl/ }] } },
      // htmx can evaluate expressions in attributes; ours has that switched off (allowEval: false in base.html).
      onwarn: (warning, warn) => warning.code === "EVAL" || warn(warning),
    },
  },
});
