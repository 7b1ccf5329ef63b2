/** The part with what is taken away from a chart: it comes once the first chart is drawn. */
import type { PartModule } from "./parts";
import { ChartTakeaway } from "./widgets/chart-takeaway";

export default {
	widgets: {},
	styles: "",
	takeaway: (ctx, chart) => new ChartTakeaway(ctx, chart),
} satisfies PartModule;
