import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalText,
  canonicalValue,
  parseRange,
  type Range,
  rangeCount,
  rangeValue,
  sampledValue,
  splitValues,
} from '../../../src/scenario/study-values.ts';

const valuesOf = (text: string): string[] => {
  const range = parseRange(text) as Range;
  return Array.from({ length: rangeCount(range) }, (_, i) => rangeValue(range, i));
};

describe('a range', () => {
  it('holds both ends and exact decimals', () => {
    expect(valuesOf('range(0,0.4,0.1)')).toEqual(['0', '0.1', '0.2', '0.3', '0.4']);
    expect(valuesOf('range( 1 , 2 , 0.25 )')).toEqual(['1', '1.25', '1.5', '1.75', '2']);
    expect(valuesOf('range(-1,1,1)')).toEqual(['-1', '0', '1']);
  });

  it('stops below an end that its steps do not meet', () => {
    expect(valuesOf('range(0,10,4)')).toEqual(['0', '4', '8']);
  });

  it('keeps the unit of its numbers; a bare zero may go without', () => {
    expect(valuesOf('range(80/s,120/s,20/s)')).toEqual(['80/s', '100/s', '120/s']);
    expect(valuesOf('range(0,20m,10m)')).toEqual(['0m', '10m', '20m']);
  });

  it.each([
    ['range(0,0.4', /range\(from,to,step\)/],
    ['range(0)', /range\(from,to,step\)/],
    ['range(0,1,2,3)', /range\(from,to,step\)/],
    ['range(a,b)', /range\(from,to,step\)/],
    ['range(1/s,2/m)', /numbers of one unit/],
    ['range(1,2m)', /numbers of one unit/],
    ['range(2,1,1)', /first number is below the second/],
    ['range(1,2,0)', /a step above 0/],
    ['range(0,1,0.00001)', /at most 10000 values/],
  ])('refuses %s', (text, expected) => {
    expect(parseRange(text)).toMatchObject({ expected: expect.stringMatching(expected) });
  });

  it('has every value of it in place, whatever the step', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -500, max: 500 }),
        fc.nat(200),
        fc.integer({ min: 1, max: 99 }),
        (from, count, step) => {
          // In hundredths, where sums are exact.
          const cents = (n: number): string => (n / 100).toFixed(2);
          const to = from + (count + 1) * step;
          const values = valuesOf(`range(${cents(from)},${cents(to)},${cents(step)})`);
          // 0 to count + 1.
          expect(values).toHaveLength(count + 2);
          for (const [i, value] of values.entries())
            expect(Number(value)).toBe((from + i * step) / 100);
        },
      ),
    );
  });

  it('is sampled at shares: between its ends, or on its steps with equal chances', () => {
    const free = parseRange('range(10/s,20/s)') as Range;
    expect(sampledValue(free, 0.25)).toBe('12.5/s');
    // Width 10 / 10^6: five digits behind the point.
    expect(sampledValue(free, 1 / 3)).toBe('13.33333/s');
    const whole = parseRange('range(1,4,1)') as Range;
    const shares = [0, 0.249, 0.25, 0.5, 0.75, 0.999999];
    expect(shares.map((share) => sampledValue(whole, share))).toEqual([
      '1',
      '1',
      '2',
      '3',
      '4',
      '4',
    ]);
  });
});

describe('values on a command line', () => {
  it('are cut at commas outside of brackets, braces and quotes', () => {
    expect(splitValues('a, b ,c')).toEqual(['a', 'b', 'c']);
    expect(splitValues('{use: x, params: {d: 2}},first-fit')).toEqual([
      '{use: x, params: {d: 2}}',
      'first-fit',
    ]);
    expect(splitValues('"a,b",[1,2],\'c,d\'')).toEqual(['"a,b"', '[1,2]', "'c,d'"]);
    expect(splitValues('a,,b')).toEqual(['a', '', 'b']);
  });

  it('have one way to be written, whoever wrote them how', () => {
    expect(
      ['0.10', '"fgd/fgd"', "'a'", '{d:  2}', '80/s', 'true', '1e3'].map(canonicalText),
    ).toEqual(['0.1', 'fgd/fgd', 'a', '{"d":2}', '80/s', 'true', '1000']);
    expect(['true', '12', 'a,b', 'a b', 'range(0,1)', ''].map(canonicalValue)).toEqual([
      '"true"',
      '"12"',
      '"a,b"',
      '"a b"',
      '"range(0,1)"',
      '""',
    ]);
  });

  it('read back as what they were', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        // What has control characters is no YAML, and no scenario may have it.
        fc.pre(!/[^\P{Cc}\t\n\r]|\p{Cs}/u.test(text));
        const once = canonicalValue(text);
        expect(canonicalText(once)).toBe(once);
      }),
    );
  });
});
