import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { defineConfig } from "wxt";

// `deploy/tools/extension.py` builds here: it lays the console's modules, the models and the verdicts' words into `public`.
const SIZES = [16, 32, 48, 128];
/** No script but the extension's own files. Media and answers come from addresses that the user chooses. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "media-src blob:",
  "connect-src 'self' blob: data: https: http:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export default defineConfig({
  srcDir: "src",
  alias: { "@fakeprint/client": join(process.env["FAKEPRINT_REPOSITORY"] ?? "../../..", "registry/client/typescript/src/index.ts") },
  imports: false,
  manifest: {
    name: "__MSG_name__",
    description: "__MSG_description__",
    default_locale: "en",
    minimum_chrome_version: "116",
    permissions: ["activeTab", "contextMenus", "scripting", "sidePanel", "storage"],
    optional_host_permissions: ["https://*/*", "http://*/*"],
    action: { default_title: "__MSG_name__" },
    icons: Object.fromEntries(SIZES.map((size) => [size, `icon/${size}.png`])),
    content_security_policy: { extension_pages: POLICY },
  },
  hooks: {
    async "build:publicAssets"(wxt, files) {
      const packed = createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm");
      await initWasm(await readFile(packed)).catch(() => {}); // a second build of one process has it already
      const icon = await readFile(join(wxt.config.publicDir, "icon.svg"), "utf8");
      for (const size of SIZES) {
        const absoluteSrc = join(wxt.config.wxtDir, `${size}.png`);
        await writeFile(absoluteSrc, new Resvg(icon, { fitTo: { mode: "width", value: size } }).render().asPng());
        files.push({ absoluteSrc, relativeDest: `icon/${size}.png` });
      }
    },
  },
});
