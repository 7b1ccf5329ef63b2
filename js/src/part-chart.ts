/** The part with charts, and the library that draws their axes. */
import uplot from "uplot/dist/uPlot.min.css";
import type { PartModule } from "./parts";
import { chartWidget } from "./widgets/chart";
import chart from "./widgets/css/chart.css";

export default { widgets: { chart: chartWidget }, styles: `${uplot}\n${chart}` } satisfies PartModule;
