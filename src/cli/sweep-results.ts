/** What a study makes of its runs: a bundle per point, tables, the comparison. */
import { join } from 'node:path';
import { writeBundle, writeTextFile } from '../host/files.ts';
import type { StudyPlan } from '../host/study-plan.ts';
import {
  POINTS,
  type RESULT_FILES,
  type SeriesWriter,
  type StudyStore,
} from '../host/study-store.ts';
import { seriesParquet } from '../reports/parquet.ts';
import { pointsCsv, resultsCsv } from '../reports/study-csv.ts';
import { studyHtml } from '../reports/study-html.ts';
import { studyLatex } from '../reports/study-latex.ts';
import { studyMarkdown } from '../reports/study-markdown.ts';
import { studyComparisonText, studyText } from '../reports/study-text.ts';
import type { Bundle } from '../results/bundle.ts';
import { parseChoices } from '../results/compare-rows.ts';
import { mergeReplications } from '../results/replications.ts';
import { compareStudy, type StudyComparison } from '../results/study-comparison.ts';
import { type PointBundle, studyTable } from '../results/study-table.ts';

/** Confidence of all intervals of a study. */
const LEVEL = 0.95;

/** Writes the series of a bundle, of all replications and of each. */
export const seriesBytes: SeriesWriter = ({ series, replications }) =>
  seriesParquet(
    series,
    replications?.map((one) => one.series),
  );

/** What is printed at the end of a sweep. */
export interface StudyResults {
  readonly text: string;
  readonly comparison: StudyComparison | null;
}

/**
 * Merges the runs of each point, writes all results and marks the plan complete, last. All of it is a function of plan and
 * runs: a study that was sharded or resumed ends with the same bytes.
 *
 * @throws ScenarioError: exit 2 for a metric that picks nothing or points that cannot be compared; exit 3 for a run that
 *   cannot be read or a folder that cannot be written
 */
export async function finishStudy(plan: StudyPlan, store: StudyStore): Promise<StudyResults> {
  await store.dropPartials();
  await store.dropResults();
  const keys = new Map<string, string[]>(plan.points.map(({ name }) => [name, []]));
  for (const { key, point } of plan.runs) keys.get(point)!.push(key);
  const points: PointBundle[] = [];
  for (const { name, at } of plan.points) {
    const bundles: Bundle[] = [];
    for (const key of keys.get(name)!) bundles.push(await store.readRun(key));
    const merged = mergeReplications(bundles);
    const series = { name: 'series.parquet', content: seriesBytes(merged) };
    await writeBundle(join(store.directory, POINTS, name), merged, [series]);
    points.push({ name, at, bundle: { ...slim(merged), label: name } });
  }
  const choices = plan.metrics === null ? null : parseChoices(plan.metrics);
  const table = studyTable(points, { axes: plan.axes, choices, level: LEVEL });
  const comparison =
    plan.comparison === null
      ? null
      : compareStudy(points, { ...plan.comparison, study: plan.name, choices, level: LEVEL });
  const text = studyText(plan, table, comparison);
  const write = async (name: (typeof RESULT_FILES)[number], content: string): Promise<void> =>
    writeTextFile(join(store.directory, name), content);
  await write('results.csv', resultsCsv(table));
  await write('points.csv', pointsCsv(table));
  const whole = comparison === null ? text : `${text}\n${studyComparisonText(comparison)}`;
  await write('comparison.txt', whole);
  await write('comparison.md', studyMarkdown(plan, table, comparison));
  await write('comparison.tex', studyLatex(table, comparison));
  await write('report.html', studyHtml(plan, table, { points, comparison }));
  if (comparison !== null) {
    await write('comparison.json', `${JSON.stringify(comparison, null, 2)}\n`);
  }
  await store.writePlan({ ...plan, complete: true });
  return { text, comparison };
}

/** Keeps of a bundle what comparisons look at, so that thousands of points fit into memory. */
function slim(bundle: Bundle): Bundle {
  const { manifest, result, distributions, series } = bundle;
  const entries = distributions.entries.filter(({ scope }) => scope === 'run');
  return {
    manifest,
    result,
    distributions: { ...distributions, entries },
    series: { ...series, series: [] },
  };
}
