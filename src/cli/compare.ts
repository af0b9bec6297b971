/** `orrery compare`: two or more bundles, the first being the base. */
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { type DivergentSide, nameDivergence } from '../host/divergence.ts';
import { writeTextFile } from '../host/files.ts';
import { loadRegistry } from '../host/plugins.ts';
import { readBundle } from '../host/read-bundle.ts';
import { orreryVersion } from '../host/version.ts';
import { comparisonHtml } from '../reports/compare-html.ts';
import { comparisonLatex } from '../reports/compare-latex.ts';
import { comparisonMarkdown } from '../reports/compare-markdown.ts';
import { comparisonText } from '../reports/compare-text.ts';
import { type Comparison, compareBundles, hasWorse } from '../results/compare.ts';
import { type NamedBundle, parseChoices } from '../results/compare-rows.ts';
import { EXIT } from './exit-codes.ts';
import { type HashedInput, hashTraces, pluginOption, readScenario } from './inputs.ts';

interface CompareVerbOptions {
  readonly md?: boolean;
  readonly latex?: boolean;
  readonly json?: boolean;
  readonly html?: string;
  readonly out?: string;
  readonly allowDifferent?: boolean;
  readonly metrics?: readonly string[];
  readonly failOn?: 'worse';
  readonly nameDivergence?: boolean;
  readonly scenario: readonly string[];
  readonly plugin: readonly string[];
}

const EXAMPLES = `Examples:
  orrery compare reports/base reports/head
  orrery compare reports/base reports/head --md --out comparison.md --fail-on worse
  orrery compare reports/base reports/head --html comparison.html
  orrery compare reports/base reports/head --name-divergence --scenario mine.yaml
  orrery compare reports/a reports/b reports/c --metrics cost_dollars 'pod_wait_seconds{class="critical"} p(99)'

`;

/** Makes the verb. */
export function compareCommand(): Command {
  return new Command('compare')
    .description('compare bundles with the first of them: differences, intervals, verdicts')
    .argument('<base>', 'bundle to compare with')
    .argument('<heads...>', 'one or more bundles')
    .addOption(new Option('--md', 'print Markdown').conflicts(['latex', 'json']))
    .addOption(new Option('--latex', 'print a LaTeX table').conflicts('json'))
    .option('--json', 'print the comparison as data')
    .option('--html <file>', 'write a page with figures too')
    .option('-o, --out <file>', 'write to a file instead of stdout')
    .option('--allow-different', 'compare different scenarios too, under a banner')
    .option('--metrics <selectors...>', 'only these, such as cost_dollars or "SELECTOR p(99)"')
    .addOption(
      new Option('--fail-on <verdict>', 'exit with 98 if a metric is worse').choices(['worse']),
    )
    .option(
      '--name-divergence',
      'simulate again and name the first decision that differs; needs --scenario',
    )
    .addOption(
      new Option('--scenario <file>', 'scenario file of the bundles; may be repeated')
        .argParser((file: string, files: string[]) => [...files, file])
        .default([], 'none'),
    )
    .addOption(pluginOption())
    .addHelpText('before', EXAMPLES)
    .action(async (base: string, heads: string[], options: CompareVerbOptions) => {
      process.exitCode = await compare([base, ...heads], options);
    });
}

async function compare(
  directories: readonly string[],
  options: CompareVerbOptions,
): Promise<number> {
  // Before the bundles are read, so that a misspelt metric is told at once.
  const choices = options.metrics && parseChoices(options.metrics);
  const isNaming = options.nameDivergence === true;
  refuseLonely(isNaming, options);
  const labels = labelsOf(directories);
  const bundles: NamedBundle[] = [];
  for (const [i, directory] of directories.entries()) {
    bundles.push({ ...(await readBundle(directory)), label: labels[i]! });
  }
  const compared = compareBundles(bundles, {
    allowDifferent: options.allowDifferent === true,
    ...(choices && { choices }),
  });
  const comparison = isNaming ? await withDecisions(compared, bundles, options) : compared;
  if (options.html !== undefined) {
    await writeTextFile(options.html, comparisonHtml(comparison, bundles));
  }
  const text = print(comparison, options);
  if (options.out === undefined || options.out === '-') process.stdout.write(text);
  else await writeTextFile(options.out, text);
  return options.failOn === 'worse' && hasWorse(comparison) ? EXIT.worse : EXIT.ok;
}

/** What goes with `--name-divergence` does nothing without it, and it does nothing without a scenario. */
function refuseLonely(isNaming: boolean, { scenario, plugin }: CompareVerbOptions): void {
  const hint = 'bundles hold no paths: name the file that was run';
  if (isNaming && scenario.length === 0) {
    throw new ScenarioError([{ path: '--name-divergence', expected: '--scenario FILE', hint }]);
  }
  if (!isNaming && (scenario.length > 0 || plugin.length > 0)) {
    const path = scenario.length > 0 ? '--scenario' : '--plugin';
    throw new ScenarioError([{ path, expected: '--name-divergence beside it' }]);
  }
}

/** Names the first decision that differs, of every challenger whose bundle tells where to look. */
async function withDecisions(
  comparison: Comparison,
  bundles: readonly NamedBundle[],
  options: CompareVerbOptions,
): Promise<Comparison> {
  const sides: DivergentSide[] = [];
  for (const bundle of bundles) sides.push(await sideOf(bundle, options));
  const challengers = [];
  for (const [i, challenger] of comparison.challengers.entries()) {
    const { divergence } = challenger;
    const decision =
      divergence === null ? null : await nameDivergence(sides[0]!, sides[i + 1]!, divergence);
    challengers.push(
      decision === null ? challenger : { ...challenger, divergence: { ...divergence!, decision } },
    );
  }
  return { ...comparison, challengers };
}

/** Loads what a bundle ran: the file of its hash, with its own overrides, policies from the same files. */
async function sideOf(bundle: NamedBundle, options: CompareVerbOptions): Promise<DivergentSide> {
  const { manifest, label } = bundle;
  const { registry, plugins } = await loadRegistry(options.plugin);
  const wanted = manifest.scenario.sha256;
  const changed = manifest.plugins.filter((p) => !plugins.some((own) => own.sha256 === p.sha256));
  if (changed.length > 0) {
    const value = plugins.map((p) => p.name).join(', ') || 'none';
    const expected = `the plug-ins that ran: ${changed.map((p) => `${p.name}, SHA-256 ${p.sha256}`).join('; ')}`;
    throw new ScenarioError([{ file: label, path: '--plugin', value, expected }]);
  }
  const hashes: string[] = [];
  for (const file of options.scenario) {
    const loaded = readScenario(file, manifest.overrides, String(manifest.seed));
    hashes.push(`${file} ${loaded.sha256.slice(0, 12)}`);
    if (loaded.sha256 !== wanted) continue;
    const { scenario, sha256, inputs, overrides } = loaded;
    const facts = {
      scenarioSha256: sha256,
      inputs,
      overrides,
      plugins,
      orreryVersion: orreryVersion(),
    };
    refuseOtherInputs(label, manifest.inputs, [...inputs, ...(await hashTraces(scenario))]);
    return { label, scenario, registry, manifest, facts };
  }
  const expected = `the scenario of ${label}: ${manifest.scenario.name} with SHA-256 ${wanted === '' ? 'not recorded' : wanted}`;
  const hint = 'it was changed since, or is another file';
  throw new ScenarioError([{ path: '--scenario', value: hashes.join(', '), expected, hint }]);
}

function refuseOtherInputs(
  label: string,
  stored: readonly HashedInput[],
  now: readonly HashedInput[],
): void {
  const changed = stored.filter((one) => !now.some((own) => own.sha256 === one.sha256));
  if (changed.length === 0) return;
  const value = changed.map(({ name }) => name).join(', ');
  const expected = 'the files that the scenario named when it ran';
  throw new ScenarioError([{ file: label, path: '--scenario', value, expected }]);
}

function print(comparison: Comparison, options: CompareVerbOptions): string {
  if (options.json === true) return `${JSON.stringify(comparison, null, 2)}\n`;
  if (options.md === true) return comparisonMarkdown(comparison);
  return options.latex === true ? comparisonLatex(comparison) : comparisonText(comparison);
}

/** Short names where they tell bundles apart, else the folders as typed. */
function labelsOf(directories: readonly string[]): readonly string[] {
  const short = directories.map((directory) => basename(directory));
  return new Set(short).size === short.length ? short : directories;
}
