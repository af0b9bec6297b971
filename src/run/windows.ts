/** The named stretches of a run for which distributions are kept: outages, their union, and intervals of thresholds. */
import type { Window } from '../metrics/waits.ts';
import type { Threshold } from '../results/expression.ts';
import { windowScope } from '../results/thresholds.ts';
import { joinSpans } from '../results/verdicts.ts';
import type { Scenario } from '../scenario/scenario.ts';

const US_PER_SECOND = 1e6;
const PREFIX = 'window:'.length;

/** Windows by name as `windowScope` gives it, without the prefix: outages in file order, `any`, then intervals. */
export function windowsOf(scenario: Scenario, thresholds: readonly Threshold[]): Window[] {
  const windows: Window[] = [];
  const all: { fromSeconds: number; untilSeconds: number }[] = [];
  for (const failure of scenario.failures) {
    if (failure.kind !== 'outage') continue;
    const { atUs, forUs, name } = failure;
    const span = { fromUs: atUs, untilUs: atUs + forUs };
    windows.push({ name, spans: [span] });
    all.push({
      fromSeconds: span.fromUs / US_PER_SECOND,
      untilSeconds: span.untilUs / US_PER_SECOND,
    });
  }
  if (all.length > 0) {
    windows.push({
      name: 'any',
      spans: joinSpans(all).map((s) => ({
        fromUs: s.fromSeconds * US_PER_SECOND,
        untilUs: s.untilSeconds * US_PER_SECOND,
      })),
    });
  }
  for (const { window } of thresholds) {
    if (window.kind !== 'interval') continue;
    const name = windowScope(window).slice(PREFIX);
    if (windows.some((w) => w.name === name)) continue;
    windows.push({
      name,
      spans: [
        {
          fromUs: window.fromSeconds * US_PER_SECOND,
          untilUs: window.untilSeconds * US_PER_SECOND,
        },
      ],
    });
  }
  return windows;
}
