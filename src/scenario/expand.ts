/** Sets of names: `c-{1..140}`, `c-{001..140}`, `idc-{a,b,c}`, and several braces in one name. */

/** Names that one set may stand for at most. */
export const SET_MAX = 100_000;

/** The names of a set, or what was expected of it. */
export type Expanded = { readonly names: readonly string[] } | { readonly expected: string };

const BRACES = /\{([^{}]*)\}/;
const RANGE = /^(\d+)\.\.(\d+)$/;

/**
 * Expands a name. A range keeps the zero padding of its lower bound (`{001..140}`); with several braces the last one
 * varies fastest; a name without braces is a set of one.
 *
 * *Order*: as written.
 */
export function expandName(set: string): Expanded {
  let names = [''];
  let rest = set;
  for (;;) {
    const match = BRACES.exec(rest);
    const before = match ? rest.slice(0, match.index) : rest;
    if (/[{}]/.test(before)) return { expected: SET_EXPECTED };
    if (!match) return { names: names.map((name) => name + before) };
    const members = expandBraces(match[1]!);
    if (members === null) return { expected: SET_EXPECTED };
    if (names.length * members.length > SET_MAX) {
      return { expected: `a set of at most ${SET_MAX} names` };
    }
    names = names.flatMap((name) => members.map((member) => name + before + member));
    rest = rest.slice(match.index + match[0].length);
  }
}

const SET_EXPECTED = 'a set such as c-{1..140} or idc-{a,b,c}, lower bound first';

function expandBraces(inner: string): string[] | null {
  const range = RANGE.exec(inner);
  if (!range) {
    const members = inner.split(',').map((member) => member.trim());
    return members.length < 2 || members.includes('') ? null : members;
  }
  const first = Number(range[1]);
  const last = Number(range[2]);
  const count = last - first + 1;
  if (!(count >= 1) || !Number.isSafeInteger(last)) return null;
  // One too many is enough to be refused; a range of 10^15 must not be built first.
  const length = Math.min(count, SET_MAX + 1);
  const width = range[1]!.startsWith('0') ? range[1]!.length : 0;
  return Array.from({ length }, (_, i) => String(first + i).padStart(width, '0'));
}

/** Replaces `{name}` in every text of plain data, keys aside. Other braces stay. */
export function fillName<T>(value: T, name: string): T {
  if (typeof value === 'string') return value.replaceAll('{name}', name) as T;
  if (Array.isArray(value)) return value.map((item) => fillName(item, name)) as T;
  if (value === null || typeof value !== 'object') return value;
  const out: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) out[key] = fillName(inner, name);
  return out as T;
}
