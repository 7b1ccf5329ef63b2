/** Has every part at hand, as a page that showed one of each. */

import alerts from "../src/part-alerts";
import logs from "../src/part-logs";
import { register } from "../src/parts";

register("logs", logs);
register("alerts", alerts);
