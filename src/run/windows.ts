/** The named stretches of a run for which distributions are kept: outages, their union, and what thresholds ask for. */
import type { Window } from '../metrics/waits.ts';
import type { Threshold } from '../results/expression.ts';
import { joinSpans, type NamedWindow, type Spans, spansOf } from '../results/spans.ts';
import { type RunFacts, windowScope } from '../results/thresholds.ts';
import type { Scenario } from '../scenario/scenario.ts';

const US_PER_SECOND = 1e6;
const PREFIX = 'window:'.length;

/** Gives what thresholds are checked against before a run. */
export function runFactsOf(scenario: Scenario): RunFacts {
  return {
    outages: scenario.failures.flatMap((f) => (f.kind === 'outage' ? [f.name] : [])),
    horizonSeconds: scenario.horizonUs / US_PER_SECOND,
    bucketSeconds: scenario.series.everyUs / US_PER_SECOND,
  };
}

/**
 * Lists windows by name as `windowScope` gives it, without the prefix: outages in file order, `any`, then the intervals and
 * instants of thresholds. A window of the run after an instant begins after the warm-up.
 */
export function windowsOf(scenario: Scenario, thresholds: readonly Threshold[]): Window[] {
  const outages = outagesOf(scenario);
  const windows = new Map(outages.map((window) => [window.name, window]));
  const horizonSeconds = scenario.horizonUs / US_PER_SECOND;
  const parts = {
    series: { bucketSeconds: 1, buckets: 0, endSeconds: horizonSeconds, series: [] },
    observedSeconds: horizonSeconds - scenario.warmupUs / US_PER_SECOND,
    windows: outages,
  };
  for (const threshold of thresholds) {
    const { window, afterSeconds } = threshold;
    const name = windowScope(threshold).slice(PREFIX);
    const isKnownBefore = window.kind !== 'peak' && window.kind !== 'steady';
    if (!isKnownBefore || (window.kind === 'run' && afterSeconds === null)) continue;
    // An outage that the scenario lacks is told by the check of its thresholds.
    if (window.kind === 'outage' && !windows.has(window.name)) continue;
    if (!windows.has(name)) windows.set(name, { name, spans: spansOf(threshold, parts)! });
  }
  return [...windows.values()].map(({ name, spans }) => ({
    name,
    spans: spans.map((s) => ({
      fromUs: s.fromSeconds * US_PER_SECOND,
      untilUs: s.untilSeconds * US_PER_SECOND,
    })),
  }));
}

function outagesOf(scenario: Scenario): NamedWindow[] {
  const byName = new Map<string, Spans>();
  for (const failure of scenario.failures) {
    if (failure.kind !== 'outage') continue;
    const { atUs, forUs, name } = failure;
    const span = {
      fromSeconds: atUs / US_PER_SECOND,
      untilSeconds: (atUs + forUs) / US_PER_SECOND,
    };
    byName.set(name, joinSpans([...(byName.get(name) ?? []), span]));
  }
  const windows = [...byName].map(([name, spans]) => ({ name, spans }));
  if (windows.length > 0) {
    windows.push({ name: 'any', spans: joinSpans(windows.flatMap((w) => w.spans)) });
  }
  return windows;
}
