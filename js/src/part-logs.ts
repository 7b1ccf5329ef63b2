/** The part with the log viewer. */
import type { PartModule } from "./parts";
import styles from "./widgets/css/logs.css";
import { logsWidget } from "./widgets/logs";

export default { widgets: { logs: logsWidget }, styles } satisfies PartModule;
