/** Offers something as a file to the browser. */
export function saveBlob(blob: Blob, name: string, near: HTMLElement): void {
	const url = URL.createObjectURL(blob);
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	near.append(link);
	link.click();
	link.remove();
	// The browser has taken the file by the next task.
	setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** A file name from a title that may hold anything, and the time. */
export function fileName(title: string, fallback: string, ending: string, nowMs: number): string {
	const safe = title.replace(/[^\w.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "") || fallback;
	return `${safe.slice(0, 60)}-${new Date(nowMs).toISOString().slice(0, 19).replace(/:/g, "")}.${ending}`;
}
