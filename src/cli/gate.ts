/** What lets a machine decide: thresholds from a file, a baseline, what to do about the undecided; for `run`, `check`, `comment`. */
import { Option } from 'commander';
import { type Issue, ScenarioError } from '../base/errors.ts';
import { type Baseline, readBaseline } from '../host/baseline.ts';
import { readText } from '../host/files.ts';
import type { Bundle, ThresholdResult } from '../results/bundle.ts';
import { type Comparison, compareBundles, hasWorse } from '../results/compare.ts';
import type { Threshold } from '../results/expression.ts';
import { recheck } from '../results/recheck.ts';
import {
  checkThresholds,
  parseThresholds,
  type RunFacts,
  type ThresholdText,
} from '../results/thresholds.ts';
import type { Place } from '../scenario/located.ts';
import type { ThresholdEntry } from '../scenario/scenario.ts';
import { loadThresholds } from '../scenario/thresholds-file.ts';
import { byPrecedence, EXIT } from './exit-codes.ts';

/** What an inconclusive threshold means. */
export const INCONCLUSIVE = ['warn', 'fail', 'pass'] as const;
type Inconclusive = (typeof INCONCLUSIVE)[number];

/** The options of every verb that gates. */
export interface GateOptions {
  readonly thresholds?: string;
  readonly baseline?: string;
  readonly allowDifferent?: boolean;
  readonly inconclusive: Inconclusive;
}

/** Makes the options `--thresholds`, `--baseline`, `--allow-different` and `--inconclusive`. */
export function gateOptions(): readonly Option[] {
  return [
    new Option('--thresholds <file>', 'thresholds of this file instead; a scenario gives its own'),
    new Option('--baseline <where>', 'bundle to hold against: a folder, or git:REF[:folder]'),
    new Option('--allow-different', 'compare with the baseline even where the scenarios differ'),
    new Option('--inconclusive <mode>', 'what an undecided threshold means: 97 with fail')
      .choices(INCONCLUSIVE)
      .default('warn'),
  ];
}

/** Thresholds of a file, with their places. */
export interface GivenThresholds {
  readonly entries: readonly ThresholdEntry[];
  readonly locate: (path: string) => Place;
}

/**
 * Reads the file of `--thresholds`.
 *
 * @param run what the thresholds are checked against
 * @throws ScenarioError with every issue, each with its line
 */
export function readThresholds(file: string, run: RunFacts): GivenThresholds {
  const loaded = loadThresholds({ path: file, readText: (path) => readText(path) });
  const issues = checkThresholds(loaded.entries, run);
  if (issues.length > 0) {
    throw new ScenarioError(issues.map((issue) => placed(issue, loaded.locate)));
  }
  return loaded;
}

function placed(issue: Issue, locate: (path: string) => Place): Issue {
  return { ...locate(issue.path), ...issue };
}

/** Reads the baseline that the options name, if they do. @throws ScenarioError as `readBaseline` */
export async function openBaseline(
  { baseline }: Pick<GateOptions, 'baseline'>,
  scenario: string,
): Promise<Baseline | null> {
  return baseline === undefined ? null : readBaseline(baseline, scenario);
}

/** What a gate found. */
export interface Judgement {
  readonly schema: 'orrery.check/1';
  readonly scenario: string;
  readonly complete: boolean;
  readonly stopped: string | null;
  readonly seed: number;
  readonly replications: number;
  /** What the command ends with: the first of `codes`. */
  readonly exitCode: number;
  /** Every code that applies, the strongest first. */
  readonly codes: readonly number[];
  readonly thresholds: readonly ThresholdResult[];
  /** With the baseline; null without one. */
  readonly comparison: Comparison | null;
}

/** The thresholds that a bundle was judged by, as its results tell. */
export function thresholdsOf(bundle: Bundle): readonly ThresholdText[] {
  return bundle.result.thresholds.map(({ metric, expr, because, warn }) => ({
    selector: metric,
    expr,
    because,
    warn,
    path: `thresholds.${metric}`,
  }));
}

/**
 * Judges a bundle.
 *
 * @param bundle of a finished run
 * @param label by which people know it
 * @param how thresholds, the baseline or null, and the options
 * @throws ScenarioError (exit 2) where baseline and bundle cannot be compared and that is not allowed
 */
export function judge(
  bundle: Bundle,
  label: string,
  how: {
    readonly thresholds: readonly ThresholdText[];
    readonly baseline: Baseline | null;
    readonly options: Pick<GateOptions, 'allowDifferent' | 'inconclusive'>;
  },
): Judgement {
  const { baseline, options } = how;
  const { manifest, result } = bundle;
  // A run that was cut short says so by its own code; its totals compare with nothing.
  const comparison =
    baseline &&
    result.complete &&
    compareBundles(
      [
        { ...baseline.bundle, label: baseline.label },
        { ...bundle, label },
      ],
      {
        allowDifferent: options.allowDifferent === true,
      },
    );
  const parsed: readonly Threshold[] = parseThresholds(how.thresholds);
  const thresholds = recheck(bundle, parsed, baseline?.bundle ?? null);
  const codes = byPrecedence([
    ...(result.conservation.ok ? [] : [EXIT.selfCheck]),
    ...stopCodes(manifest.stopped),
    ...verdictCodes(thresholds, options.inconclusive),
    ...(comparison && hasWorse(comparison) ? [EXIT.worse] : []),
  ]);
  return {
    schema: 'orrery.check/1',
    scenario: result.scenario,
    complete: result.complete,
    stopped: manifest.stopped,
    seed: result.seed,
    replications: result.replications,
    exitCode: codes[0]!,
    codes,
    thresholds,
    comparison: comparison || null,
  };
}

/** Gives the codes of verdicts; thresholds with `warn` have none. */
export function verdictCodes(
  thresholds: readonly ThresholdResult[],
  inconclusive: Inconclusive,
): readonly number[] {
  const gating = thresholds.filter((threshold) => !threshold.warn);
  const has = (verdict: ThresholdResult['verdict']): boolean =>
    gating.some((threshold) => threshold.verdict === verdict);
  return [
    ...(has('fail') ? [EXIT.thresholdFailed] : []),
    ...(inconclusive === 'fail' && has('inconclusive') ? [EXIT.inconclusive] : []),
  ];
}

function stopCodes(stopped: string | null): readonly number[] {
  if (stopped === 'time limit') return [EXIT.timeLimit];
  if (stopped === 'SIGINT') return [EXIT.interrupted];
  return stopped === 'SIGTERM' ? [EXIT.terminated] : [];
}

/** Lines for stderr about what a gate passes over in silence otherwise. */
export function gateWarnings(judged: Judgement, inconclusive: Inconclusive): readonly string[] {
  const lines: string[] = [];
  if (judged.thresholds.length === 0 && judged.comparison === null) {
    lines.push('warning: there are no thresholds, so nothing was checked');
  }
  const undecided = judged.thresholds.filter((t) => t.verdict === 'inconclusive');
  if (inconclusive !== 'warn') return lines;
  for (const { metric, expr, replicationsNeeded, where, bound } of undecided) {
    const needed =
      replicationsNeeded === null ? '' : `, about ${replicationsNeeded} replications needed`;
    const why = bound === null ? `: ${where}; give --baseline` : needed;
    lines.push(`warning: inconclusive: ${metric} ${expr}${why}`);
  }
  return lines;
}
