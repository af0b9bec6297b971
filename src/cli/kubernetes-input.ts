/** What became of files of Kubernetes objects, for people: what was read, and what is not modelled. */
import { visible } from '../reports/escape.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Fields that are named one by one; the others are counted. */
const SHOWN_MAX = 8;

/**
 * Says for each cluster what its files hold, as lines of a report.
 *
 * @returns nothing for a scenario without such files
 */
export function describeKubernetesInput(scenario: Scenario): string[] {
  return (scenario.kubernetes?.inputs ?? []).flatMap((input) => {
    const { cluster, fields, files, ignored, notes, read } = input;
    const kinds = (counts: typeof read): string =>
      counts.map(({ kind, count }) => `${count} ${kind}`).join(', ');
    const lost = [...fields].sort((a, b) => b.count - a.count);
    const shown = lost
      .slice(0, SHOWN_MAX)
      .map(({ kind, field, count }) => `${kind}.${field} (${count})`);
    const more = lost.length - shown.length;
    return [
      `kubernetes ${cluster}: ${kinds(read) || 'nothing'} read from ${files.join(', ')}`,
      ...(ignored.length === 0 ? [] : [`           kinds not modelled: ${kinds(ignored)}`]),
      ...(shown.length === 0
        ? []
        : [
            `           fields not modelled: ${shown.join(', ')}` +
              (more > 0 ? `, and ${more} more in the manifest of a run` : ''),
          ]),
      ...notes.map(({ note, count }) => `           ${count} ${note}`),
    ].map(visible);
  });
}
