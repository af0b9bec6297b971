/** `orrery compare`: two or more bundles, the first being the base. */
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { writeTextFile } from '../host/files.ts';
import { readBundle } from '../host/read-bundle.ts';
import { comparisonHtml } from '../reports/compare-html.ts';
import { comparisonLatex } from '../reports/compare-latex.ts';
import { comparisonMarkdown } from '../reports/compare-markdown.ts';
import { comparisonText } from '../reports/compare-text.ts';
import { type Comparison, compareBundles, hasWorse } from '../results/compare.ts';
import { type NamedBundle, parseChoices } from '../results/compare-rows.ts';
import { EXIT } from './exit-codes.ts';

interface CompareVerbOptions {
  readonly md?: boolean;
  readonly latex?: boolean;
  readonly json?: boolean;
  readonly html?: string;
  readonly out?: string;
  readonly allowDifferent?: boolean;
  readonly metrics?: readonly string[];
  readonly failOn?: 'worse';
}

const EXAMPLES = `Examples:
  orrery compare reports/base reports/head
  orrery compare reports/base reports/head --md --out comparison.md --fail-on worse
  orrery compare reports/base reports/head --html comparison.html
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
  const labels = labelsOf(directories);
  const bundles: NamedBundle[] = [];
  for (const [i, directory] of directories.entries()) {
    bundles.push({ ...(await readBundle(directory)), label: labels[i]! });
  }
  const comparison = compareBundles(bundles, {
    allowDifferent: options.allowDifferent === true,
    ...(choices && { choices }),
  });
  if (options.html !== undefined) {
    await writeTextFile(options.html, comparisonHtml(comparison, bundles));
  }
  const text = print(comparison, options);
  if (options.out === undefined || options.out === '-') process.stdout.write(text);
  else await writeTextFile(options.out, text);
  return options.failOn === 'worse' && hasWorse(comparison) ? EXIT.worse : EXIT.ok;
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
