import { describe, expect, it } from 'vitest';
import { expandName, fillName, SET_MAX } from '../../../src/scenario/expand.ts';

const names = (set: string): readonly string[] | string => {
  const expanded = expandName(set);
  return 'names' in expanded ? expanded.names : expanded.expected;
};

describe('a set of names', () => {
  it('counts from the lower to the upper bound', () => {
    expect(names('c-{1..3}')).toEqual(['c-1', 'c-2', 'c-3']);
    expect(names('c-{1..140}')).toHaveLength(140);
    expect(names('c-{9..11}')).toEqual(['c-9', 'c-10', 'c-11']);
    expect(names('c-{0..1}')).toEqual(['c-0', 'c-1']);
  });
  it('keeps the zero padding of the lower bound', () => {
    expect(names('c-{008..010}')).toEqual(['c-008', 'c-009', 'c-010']);
    expect(names('c-{00..01}')).toEqual(['c-00', 'c-01']);
  });
  it('lists members', () => {
    expect(names('idc-{a,b,c}')).toEqual(['idc-a', 'idc-b', 'idc-c']);
    expect(names('{a, b}-x')).toEqual(['a-x', 'b-x']);
  });
  it('varies the last of several braces fastest', () => {
    expect(names('{eu,us}-{1..2}')).toEqual(['eu-1', 'eu-2', 'us-1', 'us-2']);
  });
  it('is one name where there are no braces', () => {
    expect(names('web')).toEqual(['web']);
  });
  it.each(['c-{3..1}', 'c-{', 'c-}', 'c-{}', 'c-{x}', 'c-{a,}', 'c-{1..}', 'c-{{a,b}}'])(
    'refuses %s',
    (set) => {
      expect(names(set)).toMatch(/a set such as/);
    },
  );
  it('refuses more names than any fleet has, without building them', () => {
    expect(names(`c-{1..${SET_MAX}}`)).toHaveLength(SET_MAX);
    expect(names(`c-{1..${SET_MAX + 1}}`)).toMatch(/at most/);
    expect(names('c-{1..9007199254740991}')).toMatch(/at most/);
    expect(names('{1..1000}-{1..1000}')).toMatch(/at most/);
  });
});

describe('{name}', () => {
  it('is replaced in every text below, but not in keys', () => {
    const raw = { zone: '{name}', labels: { '{name}': 'x-{name}' }, pools: ['{name}', 3, null] };
    expect(fillName(raw, 'a')).toEqual({
      zone: 'a',
      labels: { '{name}': 'x-a' },
      pools: ['a', 3, null],
    });
  });
});
