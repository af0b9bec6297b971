import { describe, expect, it } from 'vitest';
import { type ProgressMode, progressView, showsUnicode } from '../../../src/cli/progress.ts';

const PLACE = { title: 'orrery run x', isColored: false, env: { TERM: 'xterm', LANG: 'C.UTF-8' } };

/** A run of `seconds` of wall clock at constant speed, told every 0.1 s. */
function show(mode: ProgressMode, seconds: number): string[] {
  const lines: string[] = [];
  let nowMs = 0;
  const stream = { write: (text: string) => lines.push(text) };
  const view = progressView(mode, { ...PLACE, stream, clockMs: () => nowMs });
  const steps = seconds * 10;
  for (let i = 0; i <= steps; i++) {
    nowMs = i * 100;
    const events = i * 1000;
    const facts = { nowUs: (i / steps) * 3600e6, events, arrived: i, running: 2, pending: 1 };
    view.update(facts, 3600e6);
  }
  view.stop();
  return lines;
}

describe('progressView', () => {
  it('writes a line at once, one per tenth and one at the end', () => {
    const lines = show('plain', 20);
    expect(lines).toHaveLength(11);
    expect(lines[0]).toMatch(/^ {2}0 % {2}clock .* of 1h/);
    expect(lines[5]).toMatch(/^ 50 %/);
    // 10000 events/s; half of 200000 events are left: 10 s
    expect(lines[5]).toMatch(/10,000 events\/s {2}ETA 10 s/);
    expect(lines[10]).toMatch(/^100 %/);
    expect(lines[10]).not.toMatch(/ETA/);
  });

  it('writes a line at least every 30 s', () => {
    // 1000 s: a tenth takes 100 s, so the lines are at 0, 30, 60, 90, 100, 130, ... 1000: 4 per tenth and the first
    expect(show('plain', 1000)).toHaveLength(41);
  });

  it('writes the same moments as JSON', () => {
    const lines = show('json', 20).map((line) => JSON.parse(line));
    expect(lines).toHaveLength(11);
    expect(lines[5]).toMatchObject({ type: 'progress', ratio: 0.5, clockSeconds: 1800 });
    expect(lines[0].eventsPerSecond).toBeNull();
    expect(lines[5].etaSeconds).toBeCloseTo(10, 6);
    // Constant speed: the range is a point, and before 5 % there is none.
    expect(lines[0].etaSecondsRange).toBeNull();
    expect(lines[5].etaSecondsRange[0]).toBeCloseTo(10, 6);
    expect(lines[5].etaSecondsRange[1]).toBeCloseTo(10, 6);
  });

  it('says which replication it is at, and how precise the mean is', () => {
    const lines: string[] = [];
    const stream = { write: (text: string) => lines.push(text) };
    const facts = { nowUs: 4 * 3600e6, events: 10, arrived: 5, running: 2, pending: 1 };
    const precision = { goal: 'pod_wait_seconds 5%', gamma: 0.05, relative: 0.079 };
    const replications = { done: 4, planned: 16, isEstimate: true, isPilot: false, precision };
    for (const mode of ['plain', 'json'] as const) {
      const view = progressView(mode, { ...PLACE, stream, clockMs: () => 0 });
      view.update({ ...facts, replications }, 16 * 3600e6);
    }
    expect(lines[0]).toMatch(/^ 25 % {2}rep 4\/~16 {2}arrived 5/);
    expect(lines[0]).toMatch(/precision ±7.9 % \(goal 5 %\) → est. 16 reps$/m);
    expect(JSON.parse(lines[1]!).replications).toEqual(replications);
  });

  it('writes nothing if asked, and lines for auto where there is no terminal', () => {
    expect(show('none', 20)).toEqual([]);
    expect(show('auto', 20)).toHaveLength(11);
  });

  it('refuses the screen where there is no terminal, and takes lines for a dumb one', () => {
    const pipe = { write: () => true };
    expect(() => progressView('live', { ...PLACE, stream: pipe })).toThrow(/terminal on stderr/);
    const lines: string[] = [];
    const dumb = { write: (text: string) => lines.push(text), isTTY: true };
    const view = progressView('auto', { ...PLACE, stream: dumb, env: { TERM: 'dumb' } });
    view.update({ nowUs: 0, events: 0, arrived: 0, running: 0, pending: 0 }, 1e6);
    expect(lines[0]).toMatch(/^ {2}0 % {2}clock/);
  });

  it('tells from the locale whether blocks can be shown', () => {
    expect(showsUnicode({ LANG: 'en_US.UTF-8' })).toBe(true);
    expect(showsUnicode({ LANG: 'en_US.UTF-8', LC_ALL: 'C' })).toBe(false);
    expect(showsUnicode({ LANG: 'C.utf8', TERM: 'linux' })).toBe(false);
    expect(showsUnicode({})).toBe(false);
  });
});
