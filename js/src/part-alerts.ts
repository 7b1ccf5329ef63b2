/** The part with the alert panel. */
import type { PartModule } from "./parts";
import { alertsWidget } from "./widgets/alerts";
import styles from "./widgets/css/alerts.css";

export default { widgets: { alerts: alertsWidget }, styles } satisfies PartModule;
