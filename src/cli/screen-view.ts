/** The live screen on a terminal: redraws a few lines in place. */
import { History } from './history.ts';
import { type Look, Pace, type ProgressFacts } from './pace.ts';
import type { ProgressView } from './progress.ts';
import { columnsOf, SPARK_CELLS, screenLines } from './screen.ts';

/** A terminal, as far as the screen uses it. */
export interface Terminal {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

/** How the screen looks, and the clock in milliseconds. */
export interface ScreenOptions {
  readonly title: string;
  readonly isUnicode: boolean;
  readonly isColored: boolean;
  readonly clockMs: () => number;
}

const REDRAW_EVERY_MS = 250;
/** Control sequences: cursor up, erase to the end of the line and of the screen. */
const up = (rows: number): string => (rows > 0 ? `\u001b[${rows}A` : '');
const ERASE_LINE = '\u001b[K';
const ERASE_BELOW = '\u001b[J';

/**
 * Shows the run on the lines above the cursor, four times a second at most.
 *
 * *Guarantees*: the terminal is never put into a state that has to be undone (the cursor stays visible, no raw mode, no
 * second screen), so however the process ends the shell goes on below the last picture. Other text is put above it.
 */
export class ScreenView implements ProgressView {
  private readonly terminal: Terminal;
  private readonly options: ScreenOptions;
  private readonly pace: Pace;
  private readonly allocation = new History(SPARK_CELLS);
  private readonly waits = new History(SPARK_CELLS);
  private lastMs = Number.NEGATIVE_INFINITY;
  private drawn: readonly string[] = [];

  constructor(terminal: Terminal, options: ScreenOptions) {
    this.terminal = terminal;
    this.options = options;
    this.pace = new Pace(options.clockMs);
  }

  update(facts: ProgressFacts, horizonUs: number, look?: Look): void {
    const nowMs = this.options.clockMs();
    if (nowMs - this.lastMs < REDRAW_EVERY_MS) return;
    this.lastMs = nowMs;
    const moment = this.pace.moment(facts, horizonUs);
    const glance = look?.() ?? null;
    if (glance !== null) {
      this.allocation.add(moment.share, glance.cpuAllocationRatio);
      this.waits.add(moment.share, glance.waitP99Us);
    }
    const state = {
      title: this.options.title,
      moment,
      glance,
      allocation: this.allocation.cells(),
      waits: this.waits.cells(),
      rssBytes: process.memoryUsage.rss(),
    };
    const lines = screenLines(state, {
      ...this.options,
      // The last column is left free: some terminals wrap as soon as it is written.
      width: Math.max(20, this.columns - 1),
      height: Math.max(1, (this.terminal.rows ?? 24) - 1),
    });
    this.terminal.write(`${this.home()}${block(lines)}${ERASE_BELOW}`);
    this.drawn = lines;
  }

  say(text: string): void {
    this.terminal.write(`${this.home()}${ERASE_BELOW}${text}\n${block(this.drawn)}`);
  }

  stop(): void {
    if (this.drawn.length > 0) this.terminal.write(`${this.home()}${ERASE_BELOW}`);
    this.drawn = [];
  }

  private get columns(): number {
    return this.terminal.columns ?? 80;
  }

  /** Back to the first line of the picture; a terminal that became narrower has wrapped its lines. */
  private home(): string {
    let rows = 0;
    for (const line of this.drawn) {
      rows += Math.max(1, Math.ceil(columnsOf(withoutColor(line)) / this.columns));
    }
    return `\r${up(rows)}`;
  }
}

function block(lines: readonly string[]): string {
  return lines.map((line) => `${line}${ERASE_LINE}\n`).join('');
}

function withoutColor(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with the escape character.
  return line.replaceAll(/\u001b\[\d*m/g, '');
}
