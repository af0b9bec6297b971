import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, isPatternError } from '../../../src/results/pattern.ts';

function matches(pattern: string, text: string): boolean {
  const compiled = compilePattern(pattern);
  if (isPatternError(compiled)) throw new Error(`${pattern}: ${compiled.expected}`);
  return compiled.matches(text);
}

describe('patterns of label values', () => {
  it('match the whole value', () => {
    expect(matches('c-1', 'c-1')).toBe(true);
    expect(matches('c-1', 'c-12')).toBe(false);
    expect(matches('.*-1', 'c-1')).toBe(true);
    expect(matches('', '')).toBe(true);
  });

  it('know classes, groups, alternation and quantifiers', () => {
    expect(matches('idc-[a-c]', 'idc-b')).toBe(true);
    expect(matches('idc-[^a-c]', 'idc-b')).toBe(false);
    expect(matches('(idc|gpu)-\\d+', 'gpu-017')).toBe(true);
    expect(matches('a?b+', 'bbb')).toBe(true);
    expect(matches('a\\.b', 'axb')).toBe(false);
    expect(matches('[]-]+', ']-')).toBe(true);
  });

  it.each([
    ['(a', 2],
    ['a)', 1],
    ['[a', 0],
    ['a{2}', 1],
    ['a**', 2],
    ['a*?', 2],
    ['*a', 0],
    ['(?=a)', 1],
    ['\\1', 0],
    ['^a', 0],
    ['a$', 1],
  ])('refuse %s with the place', (pattern, at) => {
    const compiled = compilePattern(pattern);
    expect(isPatternError(compiled) && compiled.at).toBe(at);
  });

  it('take linear time where backtracking would explode', () => {
    // 30 optional and 30 needed letters: 2^30 ways for a backtracking matcher.
    const pattern = `${'a?'.repeat(30)}${'a'.repeat(30)}`;
    expect(matches(pattern, 'a'.repeat(30))).toBe(true);
    expect(matches('(a*)*b', 'a'.repeat(5000))).toBe(false);
  });

  it('agree with the platform on random patterns of the syntax', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(ab)');
    const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?')).map(([a, q]) => a + q);
    const pattern = fc
      .array(fc.array(piece, { maxLength: 5 }), { minLength: 1, maxLength: 3 })
      .map((branches) => branches.map((b) => b.join('')).join('|'));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        expect(matches(p, t)).toBe(new RegExp(`^(?:${p})$`).test(t));
      }),
      { numRuns: 500 },
    );
  });
});
