/** `orrery export`: tables and figures of a stored bundle as files for other tools; nothing is simulated. */
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { bundleFiles, writeTextFile } from '../host/files.ts';
import { readBundle } from '../host/read-bundle.ts';
import { figures } from '../reports/figures.ts';
import { junitXml } from '../reports/junit.ts';
import { metricsCsv } from '../reports/metrics-csv.ts';
import { seriesJson } from '../reports/series-json.ts';
import { standaloneSvg } from '../reports/standalone-svg.ts';
import type { Bundle } from '../results/bundle.ts';

const FORMATS = ['csv', 'json', 'junit', 'svg'] as const;
type Format = (typeof FORMATS)[number];

interface ExportOptions {
  readonly out?: string;
  readonly figure: readonly string[];
  readonly series?: boolean;
  readonly distributions?: boolean;
}

/** A file that an export makes, or one of several. */
interface Exported {
  readonly name: string;
  readonly text: string;
}

/** The name of the table of metrics among the files of `export csv`. */
const METRICS = 'metrics';

const EXAMPLES = `Examples:
  orrery export csv reports/quickstart --out tables
  orrery export svg reports/quickstart --figure wait --out wait.svg
  orrery export json reports/quickstart --series > series.json

`;

const FILES = `
csv   metrics.csv, one row per metric, labels and statistic, and the numbers behind each figure;
      into the folder csv of the bundle, or --out DIR; --figure metrics --out - prints one table
svg   each figure as a picture that stands alone; into the folder fig of the bundle, or --out DIR
json  result.json, or --series, or --distributions; to stdout, or --out FILE
junit the verdicts of the run as JUnit XML; to stdout, or --out FILE (orrery check --junit adds a baseline)
`;

/** Makes the verb. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write tables and figures of a stored bundle for other tools')
    .addArgument(new Argument('<format>', 'what to write').choices(FORMATS))
    .argument('<bundle>', 'folder that orrery run wrote')
    .option('-o, --out <path>', 'a folder; a file for json, junit or one --figure; - is stdout')
    .option('--figure <name>', 'only this figure or table; may be repeated', collect, [])
    .option('--series', 'json: the time series instead of the result')
    .option('--distributions', 'json: the distributions instead of the result')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', FILES)
    .action(async (format: Format, directory: string, options: ExportOptions) => {
      checkOptions(format, options);
      const bundle = await readBundle(directory);
      if (format === 'json') await give(jsonOf(bundle, options), options.out ?? '-');
      else if (format === 'junit') await give(junitOf(bundle), options.out ?? '-');
      else await exportFiles(format, directory, bundle, options);
    });
}

const collect = (name: string, names: readonly string[]): readonly string[] => [...names, name];

function checkOptions(format: Format, options: ExportOptions): void {
  const issues = [
    { flag: '--series', isGiven: options.series === true, only: 'json' },
    { flag: '--distributions', isGiven: options.distributions === true, only: 'json' },
    { flag: '--figure', isGiven: options.figure.length > 0, only: 'csv or svg' },
  ]
    .filter(({ isGiven, only }) => isGiven && !only.includes(format))
    .map(({ flag, only }) => ({ path: flag, expected: `${only}, not ${format}` }));
  if (options.series === true && options.distributions === true) {
    issues.push({ path: '--series', expected: 'either --series or --distributions' });
  }
  if (issues.length > 0) throw new ScenarioError(issues);
}

function jsonOf(bundle: Bundle, options: ExportOptions): string {
  if (options.series === true) return seriesJson(bundle.series);
  const name = options.distributions === true ? 'distributions.json' : 'result.json';
  return String(bundleFiles(bundle).find((file) => file.name === name)!.content);
}

function junitOf({ result }: Bundle): string {
  const { scenario, thresholds } = result;
  return junitXml({ scenario, thresholds, comparison: null });
}

async function exportFiles(
  format: 'csv' | 'svg',
  directory: string,
  bundle: Bundle,
  options: ExportOptions,
): Promise<void> {
  const chosen = choose(format === 'csv' ? tables(bundle) : pictures(bundle), options.figure);
  const { out } = options;
  const isOneFile = out === '-' || (out?.endsWith(`.${format}`) ?? false);
  if (!isOneFile) {
    const folder = out ?? join(directory, format === 'csv' ? 'csv' : 'fig');
    for (const { name, text } of chosen) await give(text, join(folder, `${name}.${format}`));
    return;
  }
  if (chosen.length !== 1) {
    const names = chosen.map(({ name }) => name).join(', ');
    const hint = `choose one with --figure out of ${names}`;
    throw new ScenarioError([{ path: '--out', value: out, expected: 'a folder', hint }]);
  }
  await give(chosen[0]!.text, out!);
}

function tables(bundle: Bundle): Exported[] {
  const metrics = { name: METRICS, text: metricsCsv(bundle.result.metrics) };
  return [metrics, ...figures(bundle).map(({ name, csv }) => ({ name, text: csv }))];
}

function pictures(bundle: Bundle): Exported[] {
  return figures(bundle).map(({ name, svg }) => ({ name, text: standaloneSvg(svg) }));
}

function choose(all: readonly Exported[], wanted: readonly string[]): readonly Exported[] {
  if (wanted.length === 0) return all;
  const names = all.map(({ name }) => name);
  const issues = wanted
    .filter((name) => !names.includes(name))
    .map((name) => {
      const near = nearest(name, names);
      const hint = near ? `did you mean ${near}?` : `there are ${names.join(', ')}`;
      return { path: '--figure', value: JSON.stringify(name), expected: 'a figure', hint };
    });
  if (issues.length > 0) throw new ScenarioError(issues);
  return all.filter(({ name }) => wanted.includes(name));
}

/** Writes a text and names the file, or prints it. */
async function give(text: string, out: string): Promise<void> {
  if (out === '-') {
    process.stdout.write(text);
    return;
  }
  await writeTextFile(out, text);
  process.stdout.write(`${out}\n`);
}
