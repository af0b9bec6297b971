/** The live screen of a run as lines of text: a pure function of what is known, at any width. */
import {
  formatCount,
  formatDollars,
  formatDuration,
  formatMemory,
  formatRatio,
} from '../base/units.ts';
import { visible } from '../reports/escape.ts';
import { formatInstant } from '../results/quantity.ts';
import type { Glance, Notice } from '../run/run.ts';
import { type Moment, precisionText, replicationsText } from './pace.ts';

/** What the screen shows. */
export interface ScreenState {
  /** Such as `orrery run outage, seed 42`. */
  readonly title: string;
  readonly moment: Moment;
  /** Null until the world is built. */
  readonly glance: Glance | null;
  /** Cpu requested over allocatable, over the run so far. */
  readonly allocation: readonly (number | null)[];
  /** 99th percentile of waits in microseconds, over the run so far. */
  readonly waits: readonly (number | null)[];
  readonly rssBytes: number;
}

/** What the terminal can show. */
export interface ScreenStyle {
  /** Columns, at least 20. */
  readonly width: number;
  /** Lines at most. */
  readonly height: number;
  /** Block characters; else ASCII. */
  readonly isUnicode: boolean;
  readonly isColored: boolean;
}

/** Cells of a sparkline on the screen, and of the histories behind it. */
export const SPARK_CELLS = 20;
const LABEL_WIDTH = 10;
const GAP = '   ';
const NOTICES_SHOWN = 3;
const LEVELS = { unicode: '▁▂▃▄▅▆▇█', ascii: '_.-=+*%#' } as const;

interface Line {
  readonly label: string;
  readonly text: string;
}

/**
 * Draws the screen.
 *
 * @returns lines without breaks, none wider than `width`; a part that does not fit is left out, the first of a line is cut
 */
export function screenLines(state: ScreenState, style: ScreenStyle): string[] {
  const lines: Line[] = [header(state, style), clockLine(state, style)];
  const add = (label: string, parts: readonly string[]): void => {
    const shown = parts.filter((part) => part !== '');
    if (shown.length > 0) lines.push(compose(label, shown, style));
  };
  const { glance, moment } = state;
  add('pods', podParts(moment, glance));
  if (moment.replications !== undefined)
    add('precision', [precisionText(moment.replications, style.isUnicode)]);
  if (glance !== null) {
    add('nodes', nodeParts(glance));
    add('cpu', cpuParts(state, glance, style));
    add('wait p99', waitParts(state, glance, style));
    glance.notices.slice(-NOTICES_SHOWN).forEach((notice, i) => {
      add(i === 0 ? 'events' : '', [noticeText(notice)]);
    });
  }
  return lines.slice(0, Math.max(1, style.height)).map((line) => paint(line, style));
}

/** Draws values as a line of blocks. @param top value of the highest block; lower ones are in proportion, null is a gap */
export function sparkline(
  values: readonly (number | null)[],
  top: number,
  isUnicode: boolean,
): string {
  const levels = isUnicode ? LEVELS.unicode : LEVELS.ascii;
  const last = levels.length - 1;
  return values
    .map((value) => {
      if (value === null) return ' ';
      const height = top > 0 ? Math.round((value / top) * last) : 0;
      return levels[Math.min(last, Math.max(0, height))];
    })
    .join('');
}

function header(state: ScreenState, style: ScreenStyle): Line {
  const range = state.moment.etaRangeMs;
  const eta = range === null ? '' : etaText(range);
  const room = style.width - (eta === '' ? 0 : columnsOf(eta) + GAP.length);
  const title = cut(visible(state.title), room, style.isUnicode);
  const gap = eta === '' ? '' : ' '.repeat(style.width - columnsOf(title) - columnsOf(eta));
  return { label: '', text: cut(`${title}${gap}${eta}`, style.width, style.isUnicode) };
}

/** Prints a range of wall clock: `ETA 10 s to 14 s`, or one value if both print alike. */
export function etaText([fromMs, untilMs]: readonly [number, number]): string {
  // Whole seconds, so that the eye does not read more than an estimate has.
  const print = (ms: number): string => formatDuration(Math.max(1, Math.round(ms / 1000)) * 1e6);
  const from = print(fromMs);
  const until = print(untilMs);
  return from === until ? `ETA ${from}` : `ETA ${from} to ${until}`;
}

function clockLine({ moment, rssBytes, glance }: ScreenState, style: ScreenStyle): Line {
  const percent = `${String(Math.floor(moment.share * 100)).padStart(3)} %`;
  const cells = style.width >= 60 ? SPARK_CELLS : SPARK_CELLS / 2;
  const done = Math.floor(moment.share * cells);
  const [full, empty] = style.isUnicode ? ['█', '░'] : ['#', '.'];
  const rate = moment.eventsPerSecond;
  const parts = [
    `${full!.repeat(done)}${empty!.repeat(cells - done)} ${percent}`,
    moment.replications !== undefined
      ? replicationsText(moment.replications)
      : glance === null
        ? 'building the fleet'
        : `${formatInstant(moment.nowUs / 1e6)} of ${formatDuration(moment.horizonUs)}`,
    rate === null ? '' : `${formatCount(Math.round(rate))} events/s`,
    `RSS ${formatMemory(rssBytes)}`,
  ];
  return compose(
    'clock',
    parts.filter((part) => part !== ''),
    style,
  );
}

function podParts(moment: Moment, glance: Glance | null): string[] {
  const parts = [
    `running ${formatCount(moment.running)}`,
    `pending ${formatCount(moment.pending)}`,
    `arrived ${formatCount(moment.arrived)}`,
  ];
  if (glance === null) return parts;
  return [
    ...parts,
    `lost ${formatCount(glance.lost)}`,
    `evicted ${formatCount(glance.evicted)}`,
    `done ${formatCount(glance.completed)}`,
  ];
}

function nodeParts({ nodes }: Glance): string[] {
  const { up, down, booting, draining } = nodes;
  return Object.entries({ up, down, booting, draining })
    .filter(([state, count]) => state === 'up' || count > 0)
    .map(([state, count]) => `${state} ${formatCount(count)}`);
}

function cpuParts(state: ScreenState, glance: Glance, style: ScreenStyle): string[] {
  const { cpuAllocationRatio, dollarsPerHour, worst } = glance;
  const spark = sparkline(state.allocation, 1, style.isUnicode).padEnd(SPARK_CELLS);
  const now = cpuAllocationRatio === null ? 'no node works' : formatRatio(cpuAllocationRatio);
  return [
    `${spark} ${now}${cpuAllocationRatio === null ? '' : ' requested'}`,
    dollarsPerHour > 0 ? `${formatDollars(dollarsPerHour)}/h` : '',
    worst === null
      ? ''
      : `tightest ${visible(worst.cluster)} ${formatRatio(worst.cpuAllocationRatio)}` +
        (worst.pending > 0 ? `, pending ${formatCount(worst.pending)}` : ''),
  ];
}

function waitParts(state: ScreenState, glance: Glance, style: ScreenStyle): string[] {
  const known = state.waits.filter((value) => value !== null);
  if (known.length === 0) return [];
  const top = Math.max(...known);
  const spark = sparkline(state.waits, top, style.isUnicode).padEnd(SPARK_CELLS);
  const now = glance.waitP99Us === null ? 'none now' : formatDuration(Math.round(glance.waitP99Us));
  return [`${spark} ${now}`, top > 0 ? `at most ${formatDuration(Math.round(top))}` : ''];
}

const NOTICE_TEXTS: Readonly<Record<Notice['kind'], string>> = {
  'outage-began': 'outage',
  'outage-ended': 'end of outage',
  'cluster-lost': 'failover: no answer from',
  'cluster-back': 'answers again:',
};

function noticeText({ atUs, kind, name, nodes, others }: Notice): string {
  const what = `${NOTICE_TEXTS[kind]} ${visible(name)}`;
  const extent =
    nodes === null
      ? ''
      : `, ${formatCount(nodes)} nodes ${kind === 'outage-began' ? 'dark' : 'back'}`;
  const more = others === 0 ? '' : ` and ${formatCount(others)} more`;
  return `${formatInstant(atUs / 1e6)} ${what}${extent}${more}`;
}

/** Puts as many parts on a line as fit; the first one is cut if it must be. */
function compose(label: string, parts: readonly string[], style: ScreenStyle): Line {
  const room = style.width - LABEL_WIDTH;
  let text = cut(parts[0]!, room, style.isUnicode);
  for (const part of parts.slice(1)) {
    const longer = `${text.trimEnd()}${GAP}${part}`;
    if (columnsOf(longer) <= room) text = longer;
  }
  return { label: label.padEnd(LABEL_WIDTH), text };
}

/** Colour sets apart what is a label; it never says anything alone. */
function paint({ label, text }: Line, style: ScreenStyle): string {
  if (!style.isColored) return `${label}${text}`.trimEnd();
  if (label === '') return `\u001b[1m${text}\u001b[0m`;
  return `\u001b[2m${label}\u001b[0m${text}`;
}

function cut(text: string, columns: number, isUnicode: boolean): string {
  if (columnsOf(text) <= columns) return text;
  const mark = isUnicode ? '…' : '~';
  let short = '';
  for (const char of text) {
    if (columnsOf(short) + columnsOf(char) > columns - 1) break;
    short += char;
  }
  return columns > 0 ? `${short}${mark}` : '';
}

/** Characters that terminals draw two columns wide: East Asian scripts and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Counts the columns that a text takes on a terminal. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const char of text) columns += WIDE.test(char) ? 2 : 1;
  return columns;
}
