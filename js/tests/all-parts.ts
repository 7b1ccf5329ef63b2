/** Has every part at hand, as a page that showed one of each. */

import activity from "../src/part-activity";
import alerts from "../src/part-alerts";
import chart from "../src/part-chart";
import logs from "../src/part-logs";
import platform from "../src/part-platform";
import { register } from "../src/parts";

register("activity", activity);
register("chart", chart);
register("platform", platform);
register("logs", logs);
register("alerts", alerts);
