/** The style sheet of the hub's bundle, one file per concern. Parts bring their own. */
import base from "./css/base.css";
import controls from "./css/controls.css";
import rows from "./css/log-rows.css";
import platform from "./css/platform.css";
import scrub from "./css/scrub.css";

export const STYLES = [base, platform, controls, rows, scrub].join("\n");
