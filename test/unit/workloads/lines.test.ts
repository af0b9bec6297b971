import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import { LINE_BYTES_MAX, LineSplitter } from '../../../src/workloads/lines.ts';

function split(bytes: Uint8Array, cuts: readonly number[]): [string, number, number][] {
  const lines: [string, number, number][] = [];
  const splitter = new LineSplitter('f', (text, line, end) => lines.push([text, line, end]));
  const bounds = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < bounds.length; i++) splitter.push(bytes.slice(bounds[i - 1], bounds[i]));
  splitter.finish();
  return lines;
}

describe('LineSplitter', () => {
  const encode = (text: string) => new TextEncoder().encode(text);

  it('gives lines with their numbers and end bytes, with and without a last break', () => {
    // "ab\n" ends at byte 3, "\n" at 4, "é\r\n" (2 + 2 bytes) at 8, "z" at 9
    expect(split(encode('ab\n\né\r\nz'), [])).toEqual([
      ['ab', 1, 3],
      ['', 2, 4],
      ['é', 3, 8],
      ['z', 4, 9],
    ]);
    expect(split(encode('a\n'), [])).toEqual([['a', 1, 2]]);
    expect(split(encode(''), [])).toEqual([]);
  });

  it('drops a byte order mark at the start, and only there', () => {
    expect(split(encode('\ufeffa\n\ufeffb'), [1]).map((l) => l[0])).toEqual(['a', '\ufeffb']);
  });

  it('does not depend on where chunks end', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '\n', '\r\n', ',', '𝄞') });
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), (value, cuts) => {
        const bytes = encode(value);
        const inside = cuts.filter((c) => c <= bytes.length);
        expect(split(bytes, inside)).toEqual(split(bytes, []));
        const naive = value.replaceAll('\r\n', '\n').split('\n');
        if (naive.at(-1) === '') naive.pop();
        expect(split(bytes, inside).map((l) => l[0])).toEqual(naive);
      }),
    );
  });

  it('refuses a line over the bound, also before its end is seen', () => {
    const splitter = new LineSplitter('f', () => {});
    splitter.push(new Uint8Array(LINE_BYTES_MAX).fill(97));
    expect(() => splitter.push(new Uint8Array(1).fill(97))).toThrow(ScenarioError);
  });

  it('refuses bytes that are not UTF-8 and names the line', () => {
    expect(() => split(Uint8Array.of(97, 10, 0xff, 0xfe, 10), [])).toThrow(/f:2:1 .*UTF-8/);
  });
});
