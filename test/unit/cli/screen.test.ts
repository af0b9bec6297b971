import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, type ScreenState, screenLines, sparkline } from '../../../src/cli/screen.ts';
import { ScreenView } from '../../../src/cli/screen-view.ts';
import type { Glance } from '../../../src/run/run.ts';

const GLANCE: Glance = {
  completed: 12_000,
  lost: 3,
  evicted: 39_000,
  nodes: { off: 1100, booting: 100, up: 4000, draining: 0, down: 2000 },
  cpuAllocationRatio: 0.718,
  waitP99Us: 8.4e6,
  dollarsPerHour: 61_400,
  worst: { cluster: 'idc-a', cpuAllocationRatio: 0.975, pending: 12 },
  notices: [
    { atUs: 36_000e6, kind: 'outage-began', name: 'zone/idc-b', nodes: 2000, others: 0 },
    { atUs: 36_301e6, kind: 'cluster-lost', name: 'idc-b', nodes: null, others: 3 },
  ],
};

const STATE: ScreenState = {
  title: 'orrery run outage, seed 42',
  moment: {
    nowUs: 43_200e6,
    horizonUs: 86_400e6,
    share: 0.5,
    events: 1000,
    arrived: 117_000,
    running: 116_988,
    pending: 12,
    wallMs: 2000,
    eventsPerSecond: 2_100_000,
    etaMs: 12_000,
    etaRangeMs: [10_000, 14_000],
  },
  glance: GLANCE,
  allocation: [0, 0.5, 1, 0.718],
  waits: [null, 1e6, 4e6, 8.4e6],
  rssBytes: 512 * 1024 * 1024,
};

const draw = (width: number, more: Partial<ScreenState> = {}, isUnicode = true) =>
  screenLines({ ...STATE, ...more }, { width, height: 40, isUnicode, isColored: false });

describe('the live screen', () => {
  it('shows everything at 120 columns', () => {
    const right = 'ETA 10 s to 14 s';
    expect(draw(120)).toEqual([
      `orrery run outage, seed 42${right.padStart(120 - 26)}`,
      'clock     ██████████░░░░░░░░░░  50 %   day 1 12:00 of 1d   2.1 M events/s   RSS 512Mi',
      'pods      running 117 k   pending 12   arrived 117 k   lost 3   evicted 39,000   done 12,000',
      'nodes     up 4,000   down 2,000   booting 100',
      'cpu       ▁▅█▆                 71.8 % requested   $61,400/h   tightest idc-a 97.5 %, pending 12',
      'wait p99   ▂▄█                 8.4 s   at most 8.4 s',
      'events    day 1 10:00 outage zone/idc-b, 2,000 nodes dark',
      '          day 1 10:05:01 failover: no answer from idc-b and 3 more',
    ]);
  });

  it('shows where an experiment stands in the place of the clock of one run', () => {
    const precision = { goal: 'pod_wait_seconds p(99) 5%', gamma: 0.05, relative: 0.079 };
    const replications = { done: 4, planned: 16, isEstimate: true, isPilot: false, precision };
    const state = { glance: null, moment: { ...STATE.moment, replications } };
    const [, clock, pods, precise] = draw(120, state);
    expect(clock).toContain('50 %   rep 4/~16   2.1 M events/s');
    expect(pods).toMatch(/^pods/);
    expect(precise).toBe('precision ±7.9 % (goal 5 %) → est. 16 reps');
    expect(draw(120, state, false)[3]).toBe('precision +-7.9 % (goal 5 %) -> est. 16 reps');
    const pilot = { ...replications, precision: null, isPilot: true, isEstimate: false };
    const [, looking, , ...none] = draw(120, {
      ...state,
      moment: { ...STATE.moment, replications: pilot },
    });
    expect(looking).toContain('pilot 4/16');
    expect(none).toEqual([]);
  });

  it('leaves out the least important at 80 columns', () => {
    const lines = draw(80);
    expect(lines[1]).toBe(
      'clock     ██████████░░░░░░░░░░  50 %   day 1 12:00 of 1d   2.1 M events/s',
    );
    expect(lines[2]).toBe(
      'pods      running 117 k   pending 12   arrived 117 k   lost 3   evicted 39,000',
    );
    expect(lines[4]).toBe('cpu       ▁▅█▆                 71.8 % requested   $61,400/h');
  });

  it('keeps the essence at 40 columns', () => {
    expect(draw(40)).toEqual([
      'orrery run outage, s…   ETA 10 s to 14 s',
      'clock     █████░░░░░  50 %   RSS 512Mi',
      'pods      running 117 k   pending 12',
      'nodes     up 4,000   down 2,000',
      'cpu       ▁▅█▆                 71.8 % r…',
      'wait p99   ▂▄█                 8.4 s',
      'events    day 1 10:00 outage zone/idc-b…',
      '          day 1 10:05:01 failover: no a…',
    ]);
  });

  it('needs nothing but ASCII where the terminal has no more', () => {
    const text = draw(80, {}, false).join('\n');
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(text).toMatch(/^cpu {7}_\+#\*/m);
  });

  it('shows what it can while the fleet is built, and where nothing waits or works', () => {
    const moment = { ...STATE.moment, share: 0, etaRangeMs: null, eventsPerSecond: null };
    const lines = draw(80, { glance: null, allocation: [], waits: [], moment });
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/0 % {3}building the fleet/);
    const dark = { ...GLANCE, cpuAllocationRatio: null, waitP99Us: null, worst: null, notices: [] };
    const text = draw(80, { glance: dark, waits: [] }).join('\n');
    expect(text).toMatch(/no node works/);
    expect(text).not.toMatch(/wait p99|NaN|null/);
  });

  it('is coloured only if asked, and the colour says nothing', () => {
    const style = { width: 80, height: 40, isUnicode: true, isColored: true };
    const lines = screenLines(STATE, style);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with the escape character.
    expect(lines.map((line) => line.replaceAll(/\u001b\[\dm/g, '').trimEnd())).toEqual(draw(80));
  });

  it('is never wider than the terminal, nor steered by a name', () => {
    const names = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 140 }), names, (width, name) => {
        const worst = { ...GLANCE.worst!, cluster: name };
        const notices = [{ ...GLANCE.notices[0]!, name }];
        const lines = draw(width, { title: name, glance: { ...GLANCE, worst, notices } });
        for (const line of lines) {
          expect(columnsOf(line)).toBeLessThanOrEqual(width);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there is the point.
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
      }),
    );
  });

  it('draws sparklines in proportion to the top, gaps as blanks', () => {
    // 7 steps between 8 levels: 3.5 of 7 rounds up to the fifth level
    expect(sparkline([0, 1, 2, null], 2, true)).toBe('▁▅█ ');
    expect(sparkline([0, 0], 0, false)).toBe('__');
  });
});

describe('ScreenView', () => {
  const facts = { nowUs: 0, events: 0, arrived: 0, running: 0, pending: 0 };
  function view(columns: number) {
    const written: string[] = [];
    const clock = { nowMs: 0 };
    const terminal = { write: (text: string) => written.push(text), columns, rows: 24 };
    const options = { title: 'x', isUnicode: true, isColored: false, clockMs: () => clock.nowMs };
    return { screen: new ScreenView(terminal, options), written, clock, terminal };
  }

  it('redraws four times a second at most, in place', () => {
    const { screen, written, clock } = view(80);
    let looks = 0;
    const look = () => {
      looks++;
      return GLANCE;
    };
    for (clock.nowMs = 0; clock.nowMs < 1000; clock.nowMs += 10) screen.update(facts, 1e6, look);
    expect(written).toHaveLength(4);
    expect(looks).toBe(4);
    // Title, clock, pods, nodes, cpu, wait, two events: 8 lines up before the second picture.
    expect(written[0]!.startsWith('\rx\u001b[K\n')).toBe(true);
    expect(written[1]!.startsWith('\r\u001b[8Ax')).toBe(true);
    expect(written[1]!.endsWith('\u001b[J')).toBe(true);
  });

  it('puts talk above the picture and leaves nothing behind', () => {
    const { screen, written } = view(80);
    screen.say('seed 7');
    screen.update(facts, 1e6);
    screen.say('SIGINT: stopping');
    screen.stop();
    screen.say('after');
    expect(written[0]).toBe('\r\u001b[Jseed 7\n');
    expect(written[2]!.startsWith('\r\u001b[3A\u001b[JSIGINT: stopping\nx')).toBe(true);
    expect(written[3]).toBe('\r\u001b[3A\u001b[J');
    expect(written[4]).toBe('\r\u001b[Jafter\n');
    // Nothing hides the cursor, leaves the screen or starts a mode.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: modes begin with the escape character.
    expect(written.join('')).not.toMatch(/\u001b\[\?/);
  });

  it('finds the top again after the terminal became narrower', () => {
    const { screen, written, clock, terminal } = view(80);
    screen.update(facts, 1e6, () => GLANCE);
    const widths = written[0]!
      .split('\n')
      .map((line) => columnsOf(line.replaceAll('\u001b[K', '')));
    terminal.columns = 30;
    clock.nowMs = 300;
    screen.update(facts, 1e6, () => GLANCE);
    const rows = widths.slice(0, -1).reduce((sum, w) => sum + Math.max(1, Math.ceil(w / 30)), 0);
    expect(written[1]!.startsWith(`\r\u001b[${rows}A`)).toBe(true);
  });
});
