/** Alerts in order and in groups. */
import type { AlertInfo } from "../wire/types";
import { labelsOf } from "./alert-matchers";

const SEVERITIES = ["critical", "warning", "info"];
/** Label names offered to group by. */
const MAX_NAMES = 40;
const FIRST = ["severity", "platform", "component", "alertname", "state"];

/** Worst first; within a severity the oldest first, because it burns longest. */
export function bySeverityThenAge(a: AlertInfo, b: AlertInfo): number {
	return rank(a.severity) - rank(b.severity) || (a.startsMs ?? 0) - (b.startsMs ?? 0);
}

function rank(severity: string): number {
	const at = SEVERITIES.indexOf(severity);
	return at < 0 ? SEVERITIES.length : at;
}

export interface Group {
	/** The value all its alerts share; "" = they lack the label. */
	value: string;
	alerts: AlertInfo[];
}

/** Groups by one label, the group with the worst alert first; one group where `name` is empty. Expects sorted alerts. */
export function grouped(alerts: readonly AlertInfo[], name: string): Group[] {
	if (!name) return [{ value: "", alerts: [...alerts] }];
	const groups = new Map<string, AlertInfo[]>();
	for (const alert of alerts) {
		const labels = labelsOf(alert);
		const value = (Object.hasOwn(labels, name) ? labels[name] : "") ?? "";
		groups.set(value, [...(groups.get(value) ?? []), alert]);
	}
	return [...groups].map(([value, members]) => ({ value, alerts: members }));
}

/** The names one can group by: the usual ones, then whatever labels there are. */
export function groupNames(alerts: readonly AlertInfo[]): string[] {
	const others = new Set<string>();
	for (const alert of alerts) for (const name of Object.keys(alert.labels)) others.add(name);
	for (const name of FIRST) others.delete(name);
	return [...FIRST, ...[...others].sort().slice(0, MAX_NAMES)];
}
