/** Light or dark, and the one style sheet, whatever hosts us: a document or a shadow root (marimo). */
import type { Scope } from "./scope";

export type Theme = "light" | "dark";

const SHEET_ID = "gunj-styles";
const sheets = new Map<string, CSSStyleSheet>();

/** Puts the style sheet called `name` where `el` lives, once per root. Falls back to a style element where sheets cannot be constructed. */
export function adoptStyles(el: Element, css: string, name: string): void {
	const root = el.getRootNode();
	const home = root instanceof Document || root instanceof ShadowRoot ? root : document;
	if ("adoptedStyleSheets" in home && canConstruct()) {
		let sheet = sheets.get(name);
		if (!sheet) {
			sheet = new CSSStyleSheet();
			sheet.replaceSync(css);
			sheets.set(name, sheet);
		}
		if (!home.adoptedStyleSheets.includes(sheet)) home.adoptedStyleSheets = [...home.adoptedStyleSheets, sheet];
		return;
	}
	const parent: ParentNode & Node = home instanceof ShadowRoot ? home : document.head;
	const id = `${SHEET_ID}-${name}`;
	if (parent.querySelector(`#${id}`)) return;
	const style = document.createElement("style");
	style.id = id;
	style.textContent = css;
	parent.appendChild(style);
}

function canConstruct(): boolean {
	return typeof CSSStyleSheet === "function" && "replaceSync" in CSSStyleSheet.prototype;
}

/** What the host shows: JupyterLab says so on body, VS Code and marimo by class, others by preference. */
export function hostTheme(): Theme {
	// High contrast goes before what the host thinks: its colours are not shown then.
	if (globalThis.matchMedia?.("(forced-colors: active)").matches)
		return globalThis.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
	const body = document.body;
	const jupyter = body.getAttribute("data-jp-theme-light");
	if (jupyter !== null) return jupyter === "false" ? "dark" : "light";
	const words = `${body.className} ${document.documentElement.className} ${body.dataset.theme ?? ""} ${
		document.documentElement.dataset.theme ?? ""
	}`;
	if (/\b(vscode-dark|vscode-high-contrast|dark|dark-theme)\b/.test(words)) return "dark";
	if (/\b(vscode-light|light|light-theme)\b/.test(words)) return "light";
	return globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Calls `apply` now and whenever the host's theme may have changed. */
export function watchTheme(scope: Scope, apply: (theme: Theme) => void): void {
	const tell = () => apply(hostTheme());
	const observer = new MutationObserver(tell);
	const filter = {
		attributes: true,
		attributeFilter: ["class", "style", "data-jp-theme-light", "data-jp-theme-name", "data-theme"],
	};
	observer.observe(document.body, filter);
	observer.observe(document.documentElement, filter);
	scope.add(() => observer.disconnect());
	const query = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
	if (query) scope.listen(query, "change", tell);
	const contrast = globalThis.matchMedia?.("(forced-colors: active)");
	if (contrast) scope.listen(contrast, "change", tell);
	tell();
}

let still: MediaQueryList | undefined;

/** Asked for with each drawing, so the query is made once. */
export function prefersReducedMotion(): boolean {
	still ??= globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");
	return still?.matches ?? false;
}
