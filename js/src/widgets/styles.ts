/** The style sheet, one file per concern. */
import uplot from "uplot/dist/uPlot.min.css";
import alerts from "./css/alerts.css";
import base from "./css/base.css";
import chart from "./css/chart.css";
import logs from "./css/logs.css";
import platform from "./css/platform.css";

export const STYLES = [uplot, base, platform, chart, logs, alerts].join("\n");
