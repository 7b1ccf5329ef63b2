/** The part with a platform at a glance, and its components by themselves. */
import type { PartModule } from "./parts";
import styles from "./widgets/css/health.css";
import { healthWidget } from "./widgets/health";
import { platformWidget } from "./widgets/platform";

export default { widgets: { platform: platformWidget, health: healthWidget }, styles } satisfies PartModule;
