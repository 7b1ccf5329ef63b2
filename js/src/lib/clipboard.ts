/** Copies text; where the clipboard API is missing (plain-http origins) by way of a hidden field. Returns whether it worked. */
export async function copyText(text: string, near: HTMLElement): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return copyByField(text, near);
	}
}

function copyByField(text: string, near: HTMLElement): boolean {
	const field = document.createElement("textarea");
	field.value = text;
	field.className = "gunj-sr";
	near.append(field);
	field.select();
	const done = typeof document.execCommand === "function" && document.execCommand("copy");
	field.remove();
	return done;
}
