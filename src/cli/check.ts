/** `orrery check`: thresholds and a baseline on a stored bundle; nothing is simulated. */
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { appendTextFile } from '../host/append-file.ts';
import type { Baseline } from '../host/baseline.ts';
import { writeTextFile } from '../host/files.ts';
import { readBundle } from '../host/read-bundle.ts';
import { checkText } from '../reports/check-text.ts';
import { commentMarkdown } from '../reports/comment.ts';
import { annotations } from '../reports/github.ts';
import { junitXml } from '../reports/junit.ts';
import type { Bundle } from '../results/bundle.ts';
import { recheck, runFactsOfBundle } from '../results/recheck.ts';
import { parseThresholds, type ThresholdText } from '../results/thresholds.ts';
import {
  emptyWarning,
  type GateOptions,
  type GivenThresholds,
  gateOptions,
  type Judgement,
  judge,
  openBaseline,
  readThresholds,
  thresholdsOf,
  undecidedWarnings,
} from './gate.ts';

interface CheckOptions extends GateOptions {
  readonly json?: boolean;
  readonly junit?: string;
  readonly github?: boolean;
  readonly summary?: string;
}

const EXAMPLES = `Examples:
  orrery check reports/ci
  orrery check reports/ci --baseline git:main --junit junit.xml
  orrery check reports/ci --thresholds capacity.yaml --github --summary "$GITHUB_STEP_SUMMARY"

`;

/** Makes the verb. */
export function checkCommand(): Command {
  const command = new Command('check')
    .description('judge a stored bundle by thresholds and a baseline, without simulating')
    .argument('<bundle>', 'folder that orrery run wrote')
    .option('--json', 'print the verdicts as data')
    .option('--junit <file>', 'write the verdicts as JUnit XML too')
    .addOption(
      new Option('--github', 'print annotations for a GitHub workflow too').conflicts('json'),
    )
    .option('--summary <file>', 'append the comment as Markdown to a file, such as a step summary')
    .addHelpText('before', EXAMPLES);
  for (const option of gateOptions()) command.addOption(option);
  return command.action(async (directory: string, options: CheckOptions) => {
    process.exitCode = await check(directory, options);
  });
}

async function check(directory: string, options: CheckOptions): Promise<number> {
  const bundle = await readBundle(directory);
  const given =
    options.thresholds === undefined
      ? null
      : readThresholds(options.thresholds, runFactsOfBundle(bundle));
  const baseline = await openBaseline(options, bundle.result.scenario);
  const thresholds = given?.entries ?? thresholdsOf(bundle);
  const label = basename(directory);
  const judged = judge(bundle, label, { thresholds, baseline, options });
  const warnings = [
    ...emptyWarning(judged),
    ...undecidedWarnings(judged.thresholds, options.inconclusive),
  ];
  for (const line of warnings) process.stderr.write(`${line}\n`);
  process.stdout.write(
    options.json === true ? `${JSON.stringify(judged, null, 2)}\n` : checkText(judged),
  );
  if (options.github === true) process.stdout.write(annotationsOf(judged, given, options));
  if (options.junit !== undefined) await writeTextFile(options.junit, junitXml(judged));
  if (options.summary !== undefined) {
    const text = commentOf(bundle, judged, {
      thresholds,
      baseline,
      key: 'capacity',
      previous: null,
    });
    appendTextFile(options.summary, text);
  }
  return judged.exitCode;
}

function annotationsOf(
  judged: Judgement,
  given: GivenThresholds | null,
  options: CheckOptions,
): string {
  return annotations({
    ...judged,
    placeOf: (index) => (given === null ? {} : given.locate(given.entries[index]!.path)),
    isStrict: options.inconclusive === 'fail',
  });
}

/** Writes the comment on a judged bundle. */
export function commentOf(
  bundle: Bundle,
  judged: Judgement,
  how: {
    readonly thresholds: readonly ThresholdText[];
    readonly baseline: Baseline | null;
    readonly key: string;
    readonly previous: string | null;
  },
): string {
  return commentMarkdown(commentFacts(bundle, judged, how), how.key, how.previous);
}

/** Gathers what a comment says; the thresholds are looked at on the baseline too. */
export function commentFacts(
  bundle: Bundle,
  judged: Judgement,
  how: { readonly thresholds: readonly ThresholdText[]; readonly baseline: Baseline | null },
) {
  const base = how.baseline?.bundle ?? null;
  return {
    head: bundle,
    base,
    thresholds: judged.thresholds,
    baseThresholds: base && recheck(base, parseThresholds(how.thresholds), base),
    comparison: judged.comparison,
  };
}
