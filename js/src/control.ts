/** The Control model: browser → kernel only, on a comm of its own so that it is served while a cell runs. */
import type { ControlExports, Model } from "./wire/types";

export default {
	initialize({ model }: { model: Model }): ControlExports {
		return { send: (message) => model.send(message) };
	},
};
