/** Progress of a run on stderr: a live screen, lines, or one JSON object a line. */
import { ScenarioError } from '../base/errors.ts';
import { formatCount, formatDuration } from '../base/units.ts';
import {
  type Look,
  type Moment,
  Pace,
  type ProgressFacts,
  precisionText,
  replicationsText,
} from './pace.ts';
import { ScreenView } from './screen-view.ts';

/** How progress is shown; `auto` is the live screen on a terminal, else lines. */
export const PROGRESS_MODES = ['auto', 'live', 'plain', 'json', 'none'] as const;
/** One of {@link PROGRESS_MODES}. */
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** Takes progress as often as the caller likes and shows it seldom. */
export interface ProgressView {
  /** @param look takes a closer look at the run; absent until the world is built */
  update(facts: ProgressFacts, horizonUs: number, look?: Look): void;
  /** Prints a line of talk without disturbing the view. */
  say(text: string): void;
  /** Ends the view; the screen leaves the terminal as it was. */
  stop(): void;
}

/** Where progress goes, and the clock in milliseconds (a test brings its own). */
export interface ProgressOutput {
  readonly stream: {
    write(text: string): unknown;
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
  };
  /** First line of the screen. */
  readonly title: string;
  readonly isColored: boolean;
  /** Environment: TERM, LANG and what overrides it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clockMs?: () => number;
}

const LINE_EVERY_MS = 30_000;
const LINE_EVERY_SHARE = 0.1;

/**
 * Makes the view for a mode.
 *
 * `plain` writes one line at the start, then one per tenth of the horizon or 30 s of wall clock, and one at the end;
 * `json` writes the same moments as NDJSON; the screen redraws at 4 Hz at most.
 *
 * @throws ScenarioError for `live` where there is no terminal
 */
export function progressView(mode: ProgressMode, output: ProgressOutput): ProgressView {
  const { stream, env } = output;
  const clockMs = output.clockMs ?? (() => performance.now());
  const isTerminal = stream.isTTY === true && env.TERM !== 'dumb';
  if (mode === 'none') {
    return { update() {}, stop() {}, say: (text) => void stream.write(`${text}\n`) };
  }
  if (mode === 'live' && !isTerminal) {
    const hint = 'use --progress plain or json where output goes to a file or a pipe';
    const expected = 'a terminal on stderr';
    throw new ScenarioError([{ path: '--progress', value: 'live', expected, hint }]);
  }
  if (mode === 'live' || (mode === 'auto' && isTerminal)) {
    return new ScreenView(stream, { ...output, clockMs, isUnicode: showsUnicode(env) });
  }
  return new LineView(stream, clockMs, mode === 'json' ? jsonLine : plainLine);
}

/** Tells from the environment whether a terminal shows block characters; the Linux console does not. */
export function showsUnicode(env: ProgressOutput['env']): boolean {
  if (env.TERM === 'linux') return false;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return /utf-?8/i.test(locale) || env.WT_SESSION !== undefined;
}

type Print = (moment: Moment, look: Look | undefined) => string;

class LineView implements ProgressView {
  private readonly stream: ProgressOutput['stream'];
  private readonly pace: Pace;
  private readonly print: Print;
  private nextShare = 0;
  private nextMs = 0;

  constructor(stream: ProgressOutput['stream'], clockMs: () => number, print: Print) {
    this.stream = stream;
    this.pace = new Pace(clockMs);
    this.print = print;
  }

  update(facts: ProgressFacts, horizonUs: number, look?: Look): void {
    const moment = this.pace.moment(facts, horizonUs);
    if (moment.share < this.nextShare && moment.wallMs < this.nextMs) return;
    this.stream.write(this.print(moment, look));
    const tenths = Math.floor(moment.share / LINE_EVERY_SHARE + 1e-9);
    // After the end nothing more is due.
    this.nextShare = moment.share >= 1 ? Number.POSITIVE_INFINITY : (tenths + 1) * LINE_EVERY_SHARE;
    this.nextMs = moment.share >= 1 ? Number.POSITIVE_INFINITY : moment.wallMs + LINE_EVERY_MS;
  }

  say(text: string): void {
    this.stream.write(`${text}\n`);
  }

  stop(): void {}
}

function plainLine(moment: Moment): string {
  const { nowUs, horizonUs, arrived, running, pending, eventsPerSecond, etaMs } = moment;
  const { replications } = moment;
  const parts = [
    `${String(Math.floor(moment.share * 100)).padStart(3)} %`,
    replications === undefined
      ? `clock ${formatDuration(nowUs)} of ${formatDuration(horizonUs)}`
      : replicationsText(replications),
    `arrived ${formatCount(arrived)}`,
    `running ${formatCount(running)}`,
    `pending ${formatCount(pending)}`,
  ];
  if (eventsPerSecond !== null) parts.push(`${formatCount(Math.round(eventsPerSecond))} events/s`);
  if (etaMs !== null && moment.share < 1) parts.push(`ETA ${formatWall(etaMs)}`);
  const precision = replications === undefined ? '' : precisionText(replications);
  if (precision !== '') parts.push(`precision ${precision}`);
  return `${parts.join('  ')}\n`;
}

/** Whole seconds, so that the eye does not read more than an estimate has. */
function formatWall(ms: number): string {
  return formatDuration(Math.max(1, Math.round(ms / 1000)) * 1e6);
}

function jsonLine(moment: Moment, look: Look | undefined): string {
  const seconds = (value: number | null | undefined, perSecond: number) =>
    typeof value === 'number' ? value / perSecond : null;
  const glance = look?.();
  return `${JSON.stringify({
    type: 'progress',
    ratio: moment.share,
    clockSeconds: moment.nowUs / 1e6,
    horizonSeconds: moment.horizonUs / 1e6,
    events: moment.events,
    arrived: moment.arrived,
    running: moment.running,
    pending: moment.pending,
    eventsPerSecond: moment.eventsPerSecond,
    etaSeconds: seconds(moment.etaMs, 1000),
    etaSecondsRange: moment.etaRangeMs?.map((ms) => ms / 1000) ?? null,
    wallSeconds: moment.wallMs / 1000,
    lost: glance?.lost ?? null,
    nodesUp: glance?.nodes.up ?? null,
    cpuAllocationRatio: glance?.cpuAllocationRatio ?? null,
    waitP99Seconds: seconds(glance?.waitP99Us, 1e6),
    dollarsPerHour: glance?.dollarsPerHour ?? null,
    ...(moment.replications === undefined ? {} : { replications: moment.replications }),
  })}\n`;
}
