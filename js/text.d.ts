// Stylesheets are imported as text (esbuild's and vitest's loaders below agree on it): one file reaches the browser.
declare module "*.css" {
	const text: string;
	export default text;
}
