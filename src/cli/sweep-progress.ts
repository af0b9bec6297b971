/** Progress of a sweep on stderr: one line that is written over on a terminal, else a line per tenth or half a minute. */
import { formatDuration } from '../base/units.ts';
import type { SweepProgress } from '../host/sweep.ts';

/** Where progress goes, and the clock in milliseconds. */
export interface SweepOutput {
  readonly stream: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly clockMs: () => number;
}

const LINE_EVERY_MS = 30_000;
const DRAW_EVERY_MS = 250;

/** Shows how far a sweep is; talk goes between its lines. */
export class SweepView {
  private readonly output: SweepOutput;
  private readonly isQuiet: boolean;
  private readonly startedMs: number;
  private shownAtMs = Number.NEGATIVE_INFINITY;
  private nextShare = 0;
  private isDrawn = false;

  constructor(output: SweepOutput, isQuiet: boolean) {
    this.output = output;
    this.isQuiet = isQuiet;
    this.startedMs = output.clockMs();
  }

  /** Prints a line of talk, unless quiet. */
  say(text: string): void {
    if (this.isQuiet) return;
    this.clear();
    this.output.stream.write(`${text}\n`);
  }

  /** Takes where the sweep stands, and shows it seldom. */
  update(progress: SweepProgress): void {
    if (this.isQuiet) return;
    const { stream, clockMs } = this.output;
    const nowMs = clockMs();
    const done = progress.reused + progress.made;
    const share = progress.total === 0 ? 1 : done / progress.total;
    if (stream.isTTY === true) {
      if (nowMs - this.shownAtMs < DRAW_EVERY_MS && done < progress.total) return;
      this.clear();
      stream.write(this.line(progress, nowMs));
      this.isDrawn = true;
    } else {
      if (share < this.nextShare && nowMs - this.shownAtMs < LINE_EVERY_MS) return;
      this.nextShare = Math.floor(share * 10 + 1) / 10;
      stream.write(`${this.line(progress, nowMs)}\n`);
    }
    this.shownAtMs = nowMs;
  }

  /** Leaves the terminal with whole lines. */
  stop(): void {
    this.clear();
  }

  private clear(): void {
    if (this.isDrawn) this.output.stream.write('\r\x1b[2K');
    this.isDrawn = false;
  }

  private line({ total, reused, made, last }: SweepProgress, nowMs: number): string {
    const done = reused + made;
    const name = last === null ? '' : `  ${last.point}, replication ${last.replication}`;
    const left = total - done;
    const perRunMs = made === 0 ? null : (nowMs - this.startedMs) / made;
    const eta =
      perRunMs === null || left === 0
        ? ''
        : `  ETA ${formatDuration(Math.ceil((perRunMs * left) / 1000) * 1e6)}`;
    const before = reused === 0 ? '' : ` (${reused} were there)`;
    return `runs ${done} of ${total}${before}${name}${eta}`;
  }
}
