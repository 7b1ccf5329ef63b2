// Bundles the browser code into gunj_widgets/widgets/static, one self-contained ES module per entry, and holds its size.
// Nothing is written unless every entry builds and fits.
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "gunj_widgets", "widgets", "static");

// Budgets in bytes: the hub and its parts, each fetched once a page when the first widget that needs it is shown (src/parts.ts),
// count as they travel, gzipped; a leaf goes with every widget's state as it is.
const budgets = JSON.parse(readFileSync(join(here, "size.json"), "utf8"));

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
for (const [name, budget] of Object.entries(budgets)) {
	const contents = await bundle(name);
	const gzip = gzipSync(contents, { level: 9 }).length;
	console.log(`${`${name}.js`.padEnd(12)}${String(contents.length).padStart(8)} B${String(gzip).padStart(8)} B gzip`);
	if (budget.bytes !== undefined && contents.length > budget.bytes)
		tooLarge.push(`${name}.js is over ${budget.bytes} B`);
	if (budget.gzip !== undefined && gzip > budget.gzip) tooLarge.push(`${name}.js is over ${budget.gzip} B gzipped`);
	built.push({ path: join(out, `${name}.js`), contents });
}
if (tooLarge.length > 0) fail(`${tooLarge.join(", ")}: find what grew, or raise the budget in js/size.json on purpose`);

await mkdir(out, { recursive: true });
for (const { path, contents } of built) await writeFile(path, contents);
