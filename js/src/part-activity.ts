/** The part with what happens on a platform, Kubernetes events and operations, and with how the feed itself fares. */
import type { PartModule } from "./parts";
import { commandsWidget } from "./widgets/commands";
import styles from "./widgets/css/activity.css";
import { eventsWidget } from "./widgets/kube-events";
import { operationsWidget } from "./widgets/operations";
import { pressureWidget } from "./widgets/pressure";
import { timelineWidget } from "./widgets/timeline";
import { transportWidget } from "./widgets/transport";

export default {
	widgets: {
		commands: commandsWidget,
		events: eventsWidget,
		operations: operationsWidget,
		pressure: pressureWidget,
		timeline: timelineWidget,
		transport: transportWidget,
	},
	styles,
} satisfies PartModule;
