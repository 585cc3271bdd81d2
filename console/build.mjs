// Bundles the console into the package: files whose names change with their content, and the page that names them.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const OUT = new URL("../src/odmd/console/", import.meta.url).pathname;

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const { metafile } = await build({
  entryPoints: { console: "src/main.tsx", icon: "src/icon.svg" },
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  jsx: "automatic",
  jsxImportSource: "preact",
  outdir: `${OUT}assets`,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".svg": "copy" },
  legalComments: "none",
  metafile: true,
});

const name = (suffix) => Object.keys(metafile.outputs).find((one) => one.endsWith(suffix)).split("/").at(-1);
const page = await readFile("index.html", "utf8");
const named = page.replace("console.js", name(".js")).replace("console.css", name(".css")).replace("icon.svg", name(".svg"));
await writeFile(`${OUT}index.html`, named);
