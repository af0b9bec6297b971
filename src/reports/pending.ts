/** Pods that wait at the end, in Kubernetes' words. */
import { formatCount } from '../base/units.ts';
import type { PendingPods, ResultFile } from '../results/bundle.ts';
import { escapeHtml } from './escape.ts';

/** Groups that are shown; the rest are counted. */
const SHOWN_MAX = 5;

/** One line per group of pods that wait at the end, at most five; none where Kubernetes schedules nobody that waits. */
export function pendingLines(result: ResultFile): string[] {
  const groups = result.pending ?? [];
  const lines = groups.slice(0, SHOWN_MAX).map(lineOf);
  const rest = groups.slice(SHOWN_MAX);
  if (rest.length > 0) {
    const pods = rest.reduce((sum, group) => sum + group.pods, 0);
    lines.push(`${podsText(pods)} more for ${formatCount(rest.length)} other reasons`);
  }
  return lines;
}

/** The same as a list of a page; the empty string if there is nothing to tell. */
export function pendingHtml(result: ResultFile): string {
  const groups = result.pending ?? [];
  if (groups.length === 0) return '';
  const items = groups.map(
    ({ cluster, message, pods, workload }) =>
      `<li><strong>${podsText(pods)}</strong> of ${escapeHtml(workload)} in ${escapeHtml(cluster)}: ${escapeHtml(message)}</li>`,
  );
  return `<h3>Pods that wait at the end</h3><ul class="pending">${items.join('')}</ul>`;
}

function lineOf({ cluster, message, pods, workload }: PendingPods): string {
  return `${podsText(pods)} of ${workload} in ${cluster}: ${message}`;
}

function podsText(pods: number): string {
  return `${formatCount(pods)} ${pods === 1 ? 'pod' : 'pods'}`;
}
