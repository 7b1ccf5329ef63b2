import { afterEach, describe, expect, it, vi } from "vitest";
import { Scope } from "../../src/lib/scope";
import { adoptStyles, hostTheme, watchTheme } from "../../src/lib/theme";

afterEach(() => {
	document.body.removeAttribute("data-jp-theme-light");
	document.body.className = "";
});

describe("hostTheme", () => {
	it("believes JupyterLab first, then the classes of VS Code and marimo", () => {
		document.body.className = "vscode-dark";
		expect(hostTheme()).toBe("dark");
		document.body.setAttribute("data-jp-theme-light", "true");
		expect(hostTheme()).toBe("light");
		document.body.setAttribute("data-jp-theme-light", "false");
		expect(hostTheme()).toBe("dark");
	});
});

describe("watchTheme", () => {
	it("tells now and on change, until the scope closes", async () => {
		const scope = new Scope();
		const heard = vi.fn();
		watchTheme(scope, heard);
		expect(heard).toHaveBeenLastCalledWith("light");
		document.body.setAttribute("data-jp-theme-light", "false");
		await vi.waitFor(() => expect(heard).toHaveBeenLastCalledWith("dark"));
		scope.close();
		const calls = heard.mock.calls.length;
		document.body.setAttribute("data-jp-theme-light", "true");
		await new Promise((resume) => setTimeout(resume, 5));
		expect(heard).toHaveBeenCalledTimes(calls);
	});
});

describe("adoptStyles", () => {
	it("styles a document and a shadow root once each where sheets cannot be constructed", () => {
		const host = document.createElement("div");
		document.body.append(host);
		const root = host.attachShadow({ mode: "open" });
		const inner = document.createElement("div");
		root.append(inner);
		for (let i = 0; i < 3; i++) {
			adoptStyles(inner, ".x{}", "x");
			adoptStyles(host, ".x{}", "x");
		}
		expect(root.querySelectorAll("style")).toHaveLength(1);
		expect(document.head.querySelectorAll("#gunj-styles-x")).toHaveLength(1);
		host.remove();
	});
});
