/** What the front-end knows of the kernel. JupyterLab, Notebook and Voila tell by way of the widget manager; others do not. */
import type { Model } from "../wire/types";
import type { KernelState } from "./truth";

const GONE = /^(dead|terminating|restarting|autorestarting)$/;

export function kernelState(model: Pick<Model, "widget_manager">): KernelState | null {
	const manager = model.widget_manager;
	if (typeof manager !== "object" || manager === null || !("kernel" in manager)) return null;
	const kernel = manager.kernel as { status?: unknown } | null;
	if (kernel === null) return "gone";
	if (typeof kernel?.status !== "string") return null;
	if (GONE.test(kernel.status)) return "gone";
	return kernel.status === "busy" ? "busy" : "idle";
}
