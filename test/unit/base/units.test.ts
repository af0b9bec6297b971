import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parsed } from '../../../src/base/units.ts';
import {
  formatCount,
  formatCpu,
  formatDollars,
  formatDuration,
  formatMemory,
  formatRatio,
  parseCpu,
  parseDuration,
  parseGpus,
  parseMemory,
  parsePrice,
  parseRate,
  parseRatio,
} from '../../../src/base/units.ts';

const value = (parsed: Parsed): number | string =>
  'value' in parsed ? parsed.value : `expected ${parsed.expected}; ${parsed.hint ?? ''}`;

type Case = readonly [raw: unknown, expected: number | RegExp];

/** Holds a parser to a table: a number is the value, a pattern must match the expectation and its hint. */
function table(parse: (raw: unknown) => Parsed, cases: readonly Case[]): void {
  it.each(cases)('reads %j', (raw, expected) => {
    const got = value(parse(raw));
    if (typeof expected === 'number') expect(got).toBe(expected);
    else expect(got).toMatch(expected);
  });
}

describe('a duration', () => {
  table(parseDuration, [
    ['90s', 90e6],
    ['5m', 300e6],
    // (24 + 10) h * 3600 s
    ['1d10h', 122_400e6],
    ['1d 10h', 122_400e6],
    ['1h30m', 5400e6],
    ['250ms', 250_000],
    ['1us', 1],
    // 2 * 7 * 86400 s
    ['2w', 1_209_600e6],
    ['1.5h', 5400e6],
    // 1.1 * 1e6 in doubles is 1100000.0000000002
    ['1.1s', 1_100_000],
    ['8.41 s', 8_410_000],
    ['0s', 0],
    [0, 0],
    [90, /write "90s"/],
    ['90', /write "90s"/],
    ['-5m', /negative/],
    [-5, /negative/],
    [Number.NaN, /finite/],
    [Number.POSITIVE_INFINITY, /finite/],
    ['0.5us', /whole number of microseconds/],
    ['400000d', /below 285 years/],
    ['99999999999999999999999999999w', /below 285 years/],
    ['5 minutes', /units are/],
    ['5M', /units are/],
    ['10h1d', /largest unit first/],
    ['1h1h', /largest unit first/],
    ['', /a duration such as/],
    [' 5m', /a duration such as/],
    ['1e3s', /units are/],
    [null, /a duration such as/],
    [['5m'], /a duration such as/],
    [true, /a duration such as/],
  ]);
});

describe('an amount of cpu', () => {
  table(parseCpu, [
    ['500m', 500],
    [2, 2000],
    ['2.5', 2500],
    [0.1, 100],
    [0, 0],
    ['0.0005', /whole number of millicores/],
    ['2.5m', /whole number of millicores/],
    [1e7, /at most 2147483 cores/],
    [1e300, /amount of cpu/],
    [-1, /negative/],
    ['2 cores', /such as "500m"/],
    [Number.NaN, /finite/],
    [undefined, /such as "500m"/],
  ]);
});

describe('an amount of memory', () => {
  table(parseMemory, [
    // 64 * 1024^3
    ['64Gi', 68_719_476_736],
    ['64GiB', 68_719_476_736],
    ['512Mi', 536_870_912],
    ['1G', 1e9],
    ['1GB', 1e9],
    ['1k', 1000],
    ['1.5Gi', 1_610_612_736],
    ['1024B', 1024],
    [0, 0],
    [64, /write "64Gi"/],
    ['64', /write "64Gi"/],
    ['64gi', /did you mean "64Gi"/],
    ['64 parsecs', /units are Ki/],
    ['0.3B', /whole number of bytes/],
    ['9Pi', /at most 8 PiB/],
    ['-1Gi', /negative/],
    [Number.POSITIVE_INFINITY, /finite/],
    [{}, /such as "64Gi"/],
  ]);
});

describe('a request for GPUs', () => {
  table(parseGpus, [
    [8, 8000],
    ['250m', 250],
    ['1000m', 1000],
    [0, 0],
    ['1500m', /whole number of GPUs, or a share/],
    [1.5, /whole number of GPUs, or a share/],
    [32, /at most 31 GPUs/],
    [-1, /negative/],
  ]);
});

describe('a rate', () => {
  table(parseRate, [
    ['40/s', 40],
    // 3 / 60 s
    ['3/m', 0.05],
    // 100 / 3600 s
    ['100/h', 100 / 3600],
    // 5 / 86400 s
    ['5/d', 5 / 86_400],
    ['0.5/s', 0.5],
    [40, /write "40\/s"/],
    ['40', /write "40\/s"/],
    ['40/w', /a rate such as/],
    ['-1/s', /negative/],
    ['1e999/s', /a rate such as/],
  ]);
});

describe('a price', () => {
  table(parsePrice, [
    ['$1.20/h', 1.2],
    // 73 / 730 h
    ['$73/month', 0.1],
    // 8760 / 8760 h
    ['$8760/year', 1],
    ['$24/day', 1],
    [0, 0],
    [1.2, /write "\$1\.2\/h"/],
    ['1.20/h', /a price such as/],
    ['$-1/h', /a price such as/],
    ['-$1/h', /negative/],
  ]);
});

describe('a share', () => {
  table(parseRatio, [
    [0.8, 0.8],
    ['80%', 0.8],
    ['0.8', 0.8],
    // 7 / 100, not 7 * 0.01
    ['7%', 0.07],
    [1, 1],
    [0, 0],
    [80, /write "80%"/],
    ['130%', /from 0 to 1/],
    [-0.1, /negative/],
    [Number.NaN, /finite/],
  ]);
  it('may pass 1 where more than all makes sense', () => {
    expect(value(parseRatio('130%', 10))).toBe(1.3);
    expect(value(parseRatio(11, 10))).toMatch(/such as 1\.3/);
  });
});

describe('printing', () => {
  it('prints durations for people', () => {
    expect(formatDuration(0)).toBe('0 s');
    expect(formatDuration(350)).toBe('350 us');
    expect(formatDuration(350_000)).toBe('350 ms');
    expect(formatDuration(8_410_000)).toBe('8.41 s');
    expect(formatDuration(59_996_000)).toBe('1m');
    expect(formatDuration(330e6)).toBe('5m 30s');
    // 34 h = 1 d + 10 h
    expect(formatDuration(122_400e6)).toBe('1d 10h');
    expect(formatDuration(86_400e6)).toBe('1d');
    // 1 d + 5 s: what lies more than one unit below the largest is left out
    expect(formatDuration(86_405e6)).toBe('1d');
  });

  it('prints durations that read back to within half a percent, or half a unit of the second one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (us) => {
        const back = parseDuration(formatDuration(us));
        expect(back).toHaveProperty('value');
        const error = Math.abs((back as { value: number }).value - us);
        // Two units a day apart at most: 23 h 59 min 59 s of 1 d are left out after `1d`.
        expect(error).toBeLessThanOrEqual(us < 60e6 ? us * 0.005 : us * 0.05 + 5e5);
      }),
    );
  });

  it('prints cpu and memory so that they read back exactly', () => {
    expect(formatCpu(2500)).toBe('2500m');
    expect(formatCpu(2000)).toBe('2');
    expect(formatMemory(68_719_476_736)).toBe('64Gi');
    expect(formatMemory(1_610_612_736)).toBe('1.5Gi');
    expect(formatMemory(0)).toBe('0B');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_147_483_647 }), (millicores) => {
        expect(parseCpu(formatCpu(millicores))).toEqual({ value: millicores });
      }),
    );
  });

  it('prints counts, money and shares', () => {
    expect(formatCount(1204)).toBe('1,204');
    expect(formatCount(99_999)).toBe('99,999');
    expect(formatCount(129_400)).toBe('129 k');
    expect(formatCount(999_600)).toBe('1 M');
    expect(formatCount(1_290_000)).toBe('1.29 M');
    expect(formatCount(2.1e9)).toBe('2.1 G');
    expect(formatDollars(0)).toBe('$0');
    expect(formatDollars(0.192)).toBe('$0.192');
    expect(formatDollars(12.5)).toBe('$12.50');
    expect(formatDollars(42_486)).toBe('$42,486');
    expect(formatDollars(43_900_000)).toBe('$43.9 M');
    expect(formatDollars(-5)).toBe('-$5.00');
    expect(formatRatio(0.8)).toBe('80 %');
    expect(formatRatio(0.0312)).toBe('3.12 %');
    expect(formatRatio(0)).toBe('0 %');
  });
});
