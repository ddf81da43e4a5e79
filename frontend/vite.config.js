import { resolve } from "node:path";
import { defineConfig } from "vite";

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
    chunkSizeWarningLimit: 1200,
    assetsInlineLimit: 0, // data: fonts and scripts would need holes in the content security policy
    rollupOptions: {
      input: Object.fromEntries(
        ["console/main.js", "zones/main.js", "rider/main.js", "shared/pages.js"].map((entry) => [
          entry.replace(/\/?(main)?\.js$/, "").replace("/", "-"),
          resolve(import.meta.dirname, entry),
        ]),
      ),
    },
  },
});
