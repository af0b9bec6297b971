import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/base/nearest.ts';

describe('nearest', () => {
  it('finds the name with the fewest edits', () => {
    // duraton -> duration_s needs 3 edits (of 10 / 3 = 3 allowed), pods needs more than 1
    expect(nearest('duraton', ['pods', 'duration_s'])).toBe('duration_s');
    expect(nearest('seeed', ['seed', 'set'])).toBe('seed');
  });

  it('counts a swap of neighbours as one edit and ignores letter case', () => {
    expect(nearest('pdos', ['pods'])).toBe('pods');
    expect(nearest('PODS', ['pods'])).toBe('pods');
  });

  it('says nothing where no name is near', () => {
    expect(nearest('zzz', ['pods', 'gang'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });

  it('prefers the first of equally near names', () => {
    expect(nearest('pad', ['pod', 'pid'])).toBe('pod');
  });
});
