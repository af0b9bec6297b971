/** What lets a machine decide: thresholds from a file, a baseline, what to do about the undecided; for `run`, `check`, `comment`. */
import { Option } from 'commander';
import { type Issue, ScenarioError } from '../base/errors.ts';
import { type Baseline, readBaseline } from '../host/baseline.ts';
import { readText } from '../host/files.ts';
import type { Bundle, ThresholdResult } from '../results/bundle.ts';
import { type Comparison, compareBundles, hasWorse } from '../results/compare.ts';
import { recheck } from '../results/recheck.ts';
import {
  checkThresholds,
  parseThresholds,
  type RunFacts,
  type ThresholdText,
} from '../results/thresholds.ts';
import { runFactsOf } from '../run/windows.ts';
import type { Place } from '../scenario/located.ts';
import type { Scenario, ThresholdEntry } from '../scenario/scenario.ts';
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
    new Option(
      '--thresholds <file>',
      'thresholds of this file instead; of a scenario file only those count',
    ),
    new Option('--baseline <bundle>', 'bundle to hold against: a folder, or git:REF[:folder]'),
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
  // A run that was cut short says so by its own code; its totals compare with nothing.
  const isCompared = baseline !== null && bundle.result.complete;
  const pair = isCompared && [
    { ...baseline.bundle, label: baseline.label },
    { ...bundle, label },
  ];
  const allowDifferent = options.allowDifferent === true;
  const comparison = pair ? compareBundles(pair, { allowDifferent }) : null;
  const parsed = parseThresholds(how.thresholds);
  const thresholds = recheck(bundle, parsed, baseline?.bundle ?? null);
  return judgement(bundle, thresholds, comparison, options.inconclusive);
}

function judgement(
  { manifest, result }: Bundle,
  thresholds: readonly ThresholdResult[],
  comparison: Comparison | null,
  inconclusive: Inconclusive,
): Judgement {
  const codes = byPrecedence([
    ...(result.conservation.ok ? [] : [EXIT.selfCheck]),
    ...stopCodes(manifest.stopped),
    ...verdictCodes(thresholds, inconclusive),
    ...(comparison !== null && hasWorse(comparison) ? [EXIT.worse] : []),
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
    comparison,
  };
}

/** Gives the codes of verdicts; thresholds with `warn` have none. */
function verdictCodes(
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

/** What a run is gated by, opened before it starts. */
export interface RunGate {
  /** With the thresholds of `--thresholds` in the place of its own. */
  readonly scenario: Scenario;
  readonly baseline: Baseline | null;
  readonly options: GateOptions;
  /** Lines for stderr. */
  readonly warnings: readonly string[];
}

/**
 * Reads what a run is gated by, so that a mistake is told before anything is simulated.
 *
 * @param loaded the scenario and where its fields were written
 * @throws ScenarioError for thresholds that are wrong, and a baseline that cannot be read
 */
export async function openRunGate(
  loaded: { readonly scenario: Scenario; readonly locate: (path: string) => Place },
  options: GateOptions,
): Promise<RunGate> {
  const { scenario, locate } = loaded;
  const given =
    options.thresholds === undefined
      ? null
      : readThresholds(options.thresholds, runFactsOf(scenario));
  const thresholds = given?.entries ?? scenario.thresholds;
  const baseline = await openBaseline(options, scenario.name);
  const isWritten = given !== null || locate('thresholds') !== locate('');
  const isEmpty = isWritten && thresholds.length === 0;
  return {
    scenario: { ...scenario, thresholds },
    baseline,
    options,
    warnings: isEmpty
      ? ['warning: the list of thresholds is empty, so nothing will be checked']
      : [],
  };
}

/** A run that was judged. */
export interface GatedRun {
  /** With its verdicts. */
  readonly bundle: Bundle;
  readonly judged: Judgement;
  /** Why the baseline could not be compared: to be told once the bundle is written; null if it was. */
  readonly refusal: ScenarioError | null;
}

/** Judges the bundle of a run that just ended. Its verdicts are those of the run; a baseline needs them anew. */
export function gateRun(bundle: Bundle, label: string, gate: RunGate): GatedRun {
  const { baseline, options, scenario } = gate;
  const own = judgement(bundle, bundle.result.thresholds, null, options.inconclusive);
  if (baseline === null) return { bundle, judged: own, refusal: null };
  try {
    const judged = judge(bundle, label, { thresholds: scenario.thresholds, baseline, options });
    const result = { ...bundle.result, thresholds: judged.thresholds };
    return { bundle: { ...bundle, result }, judged, refusal: null };
  } catch (error) {
    // What was simulated must not be lost to a baseline of something else.
    if (error instanceof ScenarioError) return { bundle, judged: own, refusal: error };
    throw error;
  }
}

/** Tells on stderr that a bundle was judged by nothing at all. */
export function emptyWarning(judged: Judgement): readonly string[] {
  const isEmpty = judged.thresholds.length === 0 && judged.comparison === null;
  return isEmpty ? ['warning: there are no thresholds, so nothing was checked'] : [];
}

/** Lines for stderr about thresholds that are undecided. */
export function undecidedWarnings(
  thresholds: readonly ThresholdResult[],
  inconclusive: Inconclusive,
): readonly string[] {
  if (inconclusive !== 'warn') return [];
  return thresholds
    .filter((threshold) => threshold.verdict === 'inconclusive')
    .map(({ metric, expr, replicationsNeeded, bound }) => {
      const needed =
        replicationsNeeded === null ? '' : `, about ${replicationsNeeded} replications needed`;
      const why = bound === null ? ': it needs a baseline, give --baseline' : needed;
      return `warning: inconclusive: ${metric} ${expr}${why}`;
    });
}
