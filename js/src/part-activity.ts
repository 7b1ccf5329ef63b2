/** The part with what happens on a platform: Kubernetes events and operations. */
import type { PartModule } from "./parts";
import styles from "./widgets/css/activity.css";
import { eventsWidget } from "./widgets/kube-events";
import { operationsWidget } from "./widgets/operations";

export default { widgets: { events: eventsWidget, operations: operationsWidget }, styles } satisfies PartModule;
