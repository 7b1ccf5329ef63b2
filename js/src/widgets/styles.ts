/** The style sheet of the hub's bundle, one file per concern. Parts bring their own. */
import uplot from "uplot/dist/uPlot.min.css";
import base from "./css/base.css";
import chart from "./css/chart.css";
import controls from "./css/controls.css";
import rows from "./css/log-rows.css";
import platform from "./css/platform.css";
import scrub from "./css/scrub.css";

export const STYLES = [uplot, base, platform, controls, chart, rows, scrub].join("\n");
