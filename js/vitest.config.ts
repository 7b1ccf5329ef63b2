import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { defineConfig } from "vitest/config";

const require = createRequire(import.meta.url);
const PREFIX = "\0text:";

export default defineConfig({
	plugins: [
		{
			// As esbuild's text loader does: a stylesheet is a string. The suffix keeps vite's own CSS plugin away from it.
			name: "css-as-text",
			enforce: "pre",
			resolveId(source, importer) {
				if (!source.endsWith(".css") || importer === undefined) return null;
				const path = source.startsWith(".") ? resolve(dirname(importer), source) : require.resolve(source);
				return `${PREFIX}${path}.text`;
			},
			async load(id) {
				if (!id.startsWith(PREFIX)) return null;
				return `export default ${JSON.stringify(await readFile(id.slice(PREFIX.length, -".text".length), "utf8"))};`;
			},
		},
	],
	test: {
		environment: "jsdom",
		include: ["tests/**/*.test.ts"],
		setupFiles: ["tests/setup.ts"],
		// Two cores: more workers only start more jsdoms.
		maxWorkers: 2,
		restoreMocks: true,
		testTimeout: 30_000, // they share two cores with whatever else runs
	},
});
