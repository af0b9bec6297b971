/** Which metrics a comparison looks at, and their values per replication. */
import { type Issue, ScenarioError } from '../base/errors.ts';
import type { Bundle, Direction, Labels, MetricResult } from './bundle.ts';
import { CATALOG, compareLabels, findMetric, labelText } from './catalog.ts';
import { mergeSamples, quantileOf } from './samples.ts';
import { isSelector, parseSelector, type Selector, selectResults } from './selector.ts';

/** A bundle under the name by which people know it. */
export interface NamedBundle extends Bundle {
  readonly label: string;
}

/** What to compare: a selector and the quantile of its samples, null for the mean or the total. */
export interface Choice {
  readonly selector: Selector;
  readonly by: readonly string[];
  readonly quantile: number | null;
}

/** One metric under one label set with one statistic: a row of the comparison. */
export interface RowKey {
  readonly name: string;
  readonly labels: Labels;
  /** `total`, `twavg`, `avg` or `p(99)`. */
  readonly statistic: string;
  readonly quantile: number | null;
  readonly unit: string;
  readonly direction: Direction;
}

/** Values of a row in one bundle, one per replication; null where nothing was observed. */
export interface RowValues {
  readonly values: readonly (number | null)[];
  /** True where a value is only a lower bound: the quantile lies among pods that still wait. */
  readonly isAtLeast: boolean;
}

const STATISTICS = { counter: 'total', gauge: 'twavg', sample: 'avg' } as const;
const CHOICE = /^(.*?)(?: +p\((\d{1,2}(?:\.\d+)?)\))?\s*$/;
/** The other side of the allocation ratio: together they would count one change as better and as worse. */
const MIRRORED = 'headroom_ratio';

/**
 * Reads what the user wants compared: `pod_wait_seconds{class="critical"} p(99)` or `cost_dollars`.
 *
 * @throws ScenarioError with all issues of all texts
 */
export function parseChoices(texts: readonly string[]): readonly Choice[] {
  const issues: Issue[] = [];
  const choices: Choice[] = [];
  for (const text of texts) {
    const [, selectorText = '', percent] = CHOICE.exec(text) ?? [];
    const selector = parseSelector(selectorText);
    if (!isSelector(selector)) {
      for (const { at, ...issue } of selector) {
        issues.push({ path: `--metrics, character ${at + 1}`, value: text, ...issue });
      }
    } else if (percent !== undefined && (selector.metric.kind !== 'sample' || !(+percent > 0))) {
      const expected = 'p(N) with N above 0 and below 100, of a metric of samples';
      issues.push({ path: '--metrics', value: text, expected });
    } else {
      choices.push({ selector, by: [], quantile: percent === undefined ? null : +percent / 100 });
    }
  }
  if (issues.length > 0) throw new ScenarioError(issues);
  return choices;
}

/**
 * Gives the choices where the user made none: every metric with a better side over the whole fleet, waits also by class, and
 * the 99th percentile of everything that is sampled.
 */
export function defaultChoices(): readonly Choice[] {
  const choices: Choice[] = [];
  for (const metric of CATALOG) {
    if (metric.direction === 'neutral' || metric.name === MIRRORED) continue;
    const selector = { metric, matchers: [], text: metric.name };
    choices.push({ selector, by: [], quantile: null });
    if (metric.kind !== 'sample') continue;
    choices.push({ selector, by: [], quantile: 0.99 });
    if (metric.labels.includes('cause')) choices.push({ selector, by: ['class'], quantile: 0.99 });
  }
  return choices;
}

/**
 * Lists the rows that some choice picks from some bundle, each once.
 *
 * @throws ScenarioError where a choice of the user picks nothing from any bundle
 *
 * *Order*: of the choices; within one, of the base's results, then what only later bundles have.
 */
export function rowsOf(
  bundles: readonly NamedBundle[],
  choices: readonly Choice[],
  areUsers: boolean,
): readonly RowKey[] {
  const rows = new Map<string, RowKey>();
  const issues: Issue[] = [];
  for (const { selector, by, quantile } of choices) {
    const found = bundles.flatMap((b) => {
      const own = b.result.metrics.filter((m) => m.name === selector.metric.name);
      return selectResults(own, selector, by);
    });
    // One group is the whole fleet again.
    const groups = new Set(found.map((m) => labelText(m.labels)));
    if (by.length > 0 && groups.size < 2) continue;
    if (areUsers && found.length === 0) {
      const expected = 'a selector that picks a result of one of the bundles';
      issues.push({ path: '--metrics', value: selector.text, expected });
    }
    for (const result of found) {
      const row = rowKey(result, quantile);
      const key = `${row.name}${labelText(row.labels)} ${row.statistic}`;
      if (!rows.has(key)) rows.set(key, row);
    }
  }
  if (issues.length > 0) throw new ScenarioError(issues);
  return [...rows.values()];
}

function rowKey(result: MetricResult, quantile: number | null): RowKey {
  const { name, labels, unit } = result;
  const info = findMetric(name)!;
  const percent = quantile === null ? '' : String(Math.round(quantile * 1e8) / 1e6);
  const statistic = quantile === null ? STATISTICS[info.kind] : `p(${percent})`;
  return { name, labels, statistic, quantile, unit, direction: info.direction };
}

/**
 * Gives a row's values in one bundle: means and totals as the result has them, quantiles from the distributions of each
 * replication (never an average of quantiles over clusters).
 *
 * @returns null where the bundle does not have the row
 * @throws ScenarioError (exit 3) where the bundle has not one value per replication
 */
export function valuesOf(bundle: NamedBundle, row: RowKey): RowValues | null {
  const { result, distributions, label } = bundle;
  const found = result.metrics.find(
    (m) => m.name === row.name && compareLabels(m.labels, row.labels) === 0,
  );
  if (found === undefined) return null;
  if (row.quantile === null) {
    if (found.perReplication.length !== result.replications) {
      const path = `result.json, ${row.name}${labelText(row.labels)}.perReplication`;
      const value = `${found.perReplication.length} values`;
      const expected = `one value for each of ${result.replications} replications`;
      throw new ScenarioError([{ file: label, path, value, expected }], 3);
    }
    return { values: found.perReplication, isAtLeast: false };
  }
  const entries = distributions.entries.filter(
    (e) => e.scope === 'run' && e.metric === row.name && compareLabels(e.labels, row.labels) === 0,
  );
  const values: (number | null)[] = [];
  let isAtLeast = false;
  for (let r = 0; r < result.replications; r++) {
    const merged = mergeSamples(entries.filter((e) => e.replication === r));
    const observed = quantileOf(merged, row.quantile);
    values.push(observed.value);
    isAtLeast ||= observed.isAtLeast;
  }
  return { values, isAtLeast };
}
