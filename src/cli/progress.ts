/** Progress of a run on stderr: lines, a bar, or one JSON object a line. */
import { Presets, SingleBar } from 'cli-progress';
import { formatCount, formatDuration } from '../base/units.ts';

/** What a run says of itself between slices. */
export interface ProgressFacts {
  readonly nowUs: number;
  readonly events: number;
  readonly arrived: number;
  readonly running: number;
  readonly pending: number;
}

/** How progress is shown; `auto` is a bar on a terminal, else lines. */
export const PROGRESS_MODES = ['auto', 'plain', 'json', 'none'] as const;
/** One of {@link PROGRESS_MODES}. */
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** Takes progress as often as the caller likes and shows it seldom. */
export interface ProgressView {
  update(facts: ProgressFacts, horizonUs: number): void;
  /** Ends the view; a bar leaves the terminal as it was. */
  stop(): void;
}

/** Where progress goes, and the clock in milliseconds (a test brings its own). */
export interface ProgressOutput {
  readonly stream: NodeJS.WriteStream | { write(text: string): unknown; readonly isTTY?: boolean };
  readonly clockMs?: () => number;
}

const LINE_EVERY_MS = 30_000;
const LINE_EVERY_SHARE = 0.1;
const REDRAW_EVERY_MS = 250;
/** Weight of the newest rate in the moving average. */
const SMOOTHING = 0.3;

/**
 * Makes the view for a mode.
 *
 * `plain` writes one line at the start, then one per tenth of the horizon or 30 s of wall clock, and one at the end;
 * `json` writes the same moments as NDJSON; the bar redraws at 4 Hz at most.
 */
export function progressView(mode: ProgressMode, output: ProgressOutput): ProgressView {
  const clockMs = output.clockMs ?? (() => performance.now());
  if (mode === 'none') return { update() {}, stop() {} };
  if (mode === 'auto' && output.stream.isTTY === true) {
    return new BarView(output.stream as NodeJS.WriteStream, clockMs);
  }
  return new LineView(output.stream, clockMs, mode === 'json' ? jsonLine : plainLine);
}

/** A moment of a run with its derived figures. */
interface Moment extends ProgressFacts {
  readonly share: number;
  readonly horizonUs: number;
  readonly wallMs: number;
  /** Null before a rate is known. */
  readonly eventsPerSecond: number | null;
  readonly etaMs: number | null;
}

/** Estimates what is left: events so far extrapolated to the horizon, over a moving average of the event rate. */
class Pace {
  private readonly clockMs: () => number;
  private readonly startMs: number;
  private lastMs: number;
  private lastEvents = 0;
  private rate: number | null = null;

  constructor(clockMs: () => number) {
    this.clockMs = clockMs;
    this.startMs = clockMs();
    this.lastMs = this.startMs;
  }

  moment(facts: ProgressFacts, horizonUs: number): Moment {
    const nowMs = this.clockMs();
    const sinceMs = nowMs - this.lastMs;
    if (sinceMs >= 50 && facts.events > this.lastEvents) {
      const newest = ((facts.events - this.lastEvents) * 1000) / sinceMs;
      this.rate = this.rate === null ? newest : this.rate + SMOOTHING * (newest - this.rate);
      this.lastMs = nowMs;
      this.lastEvents = facts.events;
    }
    const share = horizonUs > 0 ? Math.min(1, facts.nowUs / horizonUs) : 1;
    const left = share > 0 ? (facts.events * (1 - share)) / share : null;
    const etaMs = left === null || this.rate === null ? null : (left * 1000) / this.rate;
    const wallMs = nowMs - this.startMs;
    return { ...facts, share, horizonUs, wallMs, eventsPerSecond: this.rate, etaMs };
  }
}

class LineView implements ProgressView {
  private readonly stream: ProgressOutput['stream'];
  private readonly pace: Pace;
  private readonly print: (moment: Moment) => string;
  private nextShare = 0;
  private nextMs = 0;

  constructor(
    stream: ProgressOutput['stream'],
    clockMs: () => number,
    print: (moment: Moment) => string,
  ) {
    this.stream = stream;
    this.pace = new Pace(clockMs);
    this.print = print;
  }

  update(facts: ProgressFacts, horizonUs: number): void {
    const moment = this.pace.moment(facts, horizonUs);
    if (moment.share < this.nextShare && moment.wallMs < this.nextMs) return;
    this.stream.write(this.print(moment));
    const tenths = Math.floor(moment.share / LINE_EVERY_SHARE + 1e-9);
    // After the end nothing more is due.
    this.nextShare = moment.share >= 1 ? Number.POSITIVE_INFINITY : (tenths + 1) * LINE_EVERY_SHARE;
    this.nextMs = moment.share >= 1 ? Number.POSITIVE_INFINITY : moment.wallMs + LINE_EVERY_MS;
  }

  stop(): void {}
}

function plainLine(moment: Moment): string {
  const { nowUs, horizonUs, arrived, running, pending, eventsPerSecond, etaMs } = moment;
  const parts = [
    `${String(Math.floor(moment.share * 100)).padStart(3)} %`,
    `clock ${formatDuration(nowUs)} of ${formatDuration(horizonUs)}`,
    `arrived ${formatCount(arrived)}`,
    `running ${formatCount(running)}`,
    `pending ${formatCount(pending)}`,
  ];
  if (eventsPerSecond !== null) parts.push(`${formatCount(Math.round(eventsPerSecond))} events/s`);
  if (etaMs !== null && moment.share < 1) parts.push(`ETA ${formatWall(etaMs)}`);
  return `${parts.join('  ')}\n`;
}

/** Whole seconds, so that the eye does not read more than an estimate has. */
function formatWall(ms: number): string {
  return formatDuration(Math.max(1, Math.round(ms / 1000)) * 1e6);
}

function jsonLine(moment: Moment): string {
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
    etaSeconds: moment.etaMs === null ? null : moment.etaMs / 1000,
    wallSeconds: moment.wallMs / 1000,
  })}\n`;
}

class BarView implements ProgressView {
  private readonly bar: SingleBar;
  private readonly pace: Pace;
  private readonly clockMs: () => number;
  private lastMs = Number.NEGATIVE_INFINITY;
  private isStarted = false;

  constructor(stream: NodeJS.WriteStream, clockMs: () => number) {
    this.clockMs = clockMs;
    this.pace = new Pace(clockMs);
    const format =
      '{bar} {percentage} %  {clock}  running {running}  pending {pending}  {speed}  {eta_}';
    const options = { format, stream, fps: 4, clearOnComplete: true, hideCursor: true };
    this.bar = new SingleBar({ ...options, barsize: 20 }, Presets.shades_classic);
  }

  update(facts: ProgressFacts, horizonUs: number): void {
    const nowMs = this.clockMs();
    if (nowMs - this.lastMs < REDRAW_EVERY_MS) return;
    this.lastMs = nowMs;
    const moment = this.pace.moment(facts, horizonUs);
    const { eventsPerSecond, etaMs } = moment;
    const payload = {
      clock: `${formatDuration(moment.nowUs)} of ${formatDuration(horizonUs)}`,
      running: formatCount(moment.running),
      pending: formatCount(moment.pending),
      speed: eventsPerSecond === null ? '' : `${formatCount(Math.round(eventsPerSecond))} events/s`,
      eta_: etaMs === null ? '' : `ETA ${formatWall(etaMs)}`,
    };
    const permille = Math.floor(moment.share * 1000);
    if (this.isStarted) this.bar.update(permille, payload);
    else this.bar.start(1000, permille, payload);
    this.isStarted = true;
  }

  stop(): void {
    if (this.isStarted) this.bar.stop();
  }
}
