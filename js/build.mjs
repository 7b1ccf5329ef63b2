// Bundles the browser code into gunj_widgets/widgets/static, one self-contained ES module per entry, and holds its size.
// Nothing is written unless every entry builds and fits.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "gunj_widgets", "widgets", "static");

// Bytes. The hub is sent once per page (gzip is what it costs); a leaf travels raw with every widget's state.
const entries = [
	{ name: "hub", maxGzip: 60_000 },
	// Parts are fetched by the hub when the first widget that needs one is shown (src/parts.ts).
	{ name: "part-logs", maxGzip: 20_000 },
	{ name: "part-alerts", maxGzip: 12_000 },
	{ name: "part-activity", maxGzip: 12_000 },
	{ name: "leaf", maxRaw: 3_000 },
	{ name: "control", maxRaw: 3_000 },
];

function fail(message) {
	console.error(`build: ${message}`);
	process.exit(1);
}

async function bundle(name) {
	const entry = join(here, "src", `${name}.ts`);
	if (!existsSync(entry)) fail(`js/src/${name}.ts does not exist`);
	try {
		const result = await build({
			absWorkingDir: here,
			entryPoints: [entry],
			bundle: true,
			write: false,
			format: "esm",
			target: "es2022",
			minify: true,
			// A page with an AMD loader (Notebook, RequireJS) must not capture a dependency's UMD branch.
			define: { "define.amd": "false", "process.env.NODE_ENV": '"production"' },
			loader: { ".css": "text" },
			// Licences of what is bundled are in NOTICE, which the wheel carries.
			legalComments: "none",
			logLevel: "error",
		});
		return result.outputFiles[0].contents;
	} catch {
		return fail(`js/src/${name}.ts does not build (errors above)`);
	}
}

const built = [];
const tooLarge = [];
for (const { name, maxGzip, maxRaw } of entries) {
	const contents = await bundle(name);
	const gzip = gzipSync(contents, { level: 9 }).length;
	console.log(`${`${name}.js`.padEnd(12)}${String(contents.length).padStart(8)} B${String(gzip).padStart(8)} B gzip`);
	if (maxRaw !== undefined && contents.length > maxRaw) tooLarge.push(`${name}.js is over ${maxRaw} B`);
	if (maxGzip !== undefined && gzip > maxGzip) tooLarge.push(`${name}.js is over ${maxGzip} B gzipped`);
	built.push({ path: join(out, `${name}.js`), contents });
}
if (tooLarge.length > 0) fail(`${tooLarge.join(", ")}: find what grew, or raise the budget in js/build.mjs on purpose`);

await mkdir(out, { recursive: true });
for (const { path, contents } of built) await writeFile(path, contents);
