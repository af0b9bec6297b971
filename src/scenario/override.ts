/** Overrides from the command line: `key=value`, where the key is a path and the value is YAML. */
import type { Issue } from '../base/errors.ts';
import { type Entry, formatPath, type Located, type Path } from './located.ts';
import { shorten, suggestion } from './problems.ts';
import { RESERVED_NAMES, readYaml } from './read-yaml.ts';

/**
 * Applies overrides to a tree, in order.
 *
 * A key is dotted (`placement.latency`); items of lists are named (`workloads.web.pod.cpu`) or counted
 * (`workloads[0].pod.cpu`). A field that the file leaves out is added; the schema then refuses what it does not know.
 *
 * @returns the new tree and what is wrong with the overrides
 */
export function applyOverrides(
  root: Located,
  overrides: readonly string[],
): { tree: Located; issues: readonly Issue[] } {
  const issues: Issue[] = [];
  let tree = root;
  for (const override of overrides) {
    const parsed = parseOverride(override);
    const result = 'expected' in parsed ? parsed : set(tree, parsed.steps, parsed.value, []);
    if ('expected' in result)
      issues.push({ value: shorten(override.replace(/\s+/g, ' ')), ...result });
    else tree = result;
  }
  return { tree, issues };
}

type Fault = Pick<Issue, 'path' | 'expected' | 'hint'>;

function parseOverride(override: string): { steps: Path; value: Located } | Fault {
  const equals = findEquals(override);
  if (equals <= 0) {
    return { path: '', expected: 'an override such as workloads.web.pod.cpu=2' };
  }
  const key = override.slice(0, equals);
  const text = override.slice(equals + 1);
  const steps = splitKey(key);
  if (steps === null) return { path: key, expected: 'a path such as workloads.web.pod.cpu' };
  if (steps[0] === 'imports') {
    const hint =
      'imports are read before: write them into the file, or import this one from another';
    return { path: key, expected: 'a field other than imports', hint };
  }
  const reserved = steps.find((step) => RESERVED_NAMES.has(String(step)));
  if (reserved !== undefined) return { path: key, expected: 'a path of fields' };
  const { node, issues } = readYaml(text);
  if (!node || issues.length > 0) {
    return { path: key, expected: `a value in YAML: ${issues[0]?.expected ?? 'valid YAML'}` };
  }
  if (node.kind === 'scalar' && node.value === null) return { path: key, expected: 'a value' };
  const isPlain = node.kind === 'scalar' && node.text === node.value;
  if (isPlain && /,|^range\(|^choice\(/.test(String(node.value))) {
    return {
      path: key,
      expected: 'one value',
      hint: 'several values and ranges only in sweep; put quotes around a text with a comma',
    };
  }
  return { steps, value: node };
}

/** The first `=` that is not inside braces, brackets or quotes. */
function findEquals(text: string): number {
  let depth = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if ('{['.includes(c)) depth++;
    else if ('}]'.includes(c)) depth--;
    else if (c === '=' && depth === 0) return i;
  }
  return -1;
}

/** Splits at dots outside of braces and quotes; quotes around a whole step are dropped; `[3]` becomes a number. */
function splitKey(key: string): (string | number)[] | null {
  const steps: (string | number)[] = [];
  let word = '';
  let depth = 0;
  let isQuoted = false;
  const finish = (): boolean => {
    const match = /^(.*?)((?:\[\d+\])*)$/s.exec(word.replace(/^"(.*)"(?=(?:\[\d+\])*$)/s, '$1'))!;
    if (match[1] === '' && (match[2] === '' || steps.length === 0)) return false;
    if (match[1] !== '') steps.push(match[1]!);
    for (const index of match[2]!.matchAll(/\d+/g)) steps.push(Number(index[0]));
    word = '';
    return true;
  };
  for (const c of key) {
    if (c === '"') isQuoted = !isQuoted;
    if (!isQuoted && c === '{') depth++;
    if (!isQuoted && c === '}') depth--;
    if (c === '.' && depth === 0 && !isQuoted) {
      if (!finish()) return null;
    } else word += c;
  }
  return finish() ? steps : null;
}

function set(node: Located, steps: Path, value: Located, done: Path): Located | Fault {
  if (steps.length === 0) return value;
  if (node.kind === 'list') return setItem(node, steps, value, done);
  if (node.kind === 'scalar' && node.value !== null) {
    return {
      path: formatPath([...done, ...steps]),
      expected: `a field of ${formatPath(done)}, which is a single value`,
    };
  }
  const entries = new Map<string, Entry>(node.kind === 'map' ? node.entries : []);
  // Names may hold dots: the longest run of steps that is a key wins.
  let length = steps.length;
  while (length > 1 && !entries.has(steps.slice(0, length).join('.'))) length--;
  const key = steps.slice(0, length).join('.');
  const path = [...done, key];
  const below = entries.get(key);
  const empty: Located = { kind: 'scalar', place: {}, value: null };
  const inner = set(below?.node ?? empty, steps.slice(length), value, path);
  if ('expected' in inner) return inner;
  entries.set(key, { keyPlace: below?.keyPlace ?? {}, node: inner });
  return { kind: 'map', place: node.place, entries };
}

function setItem(
  node: Located & { kind: 'list' },
  steps: Path,
  value: Located,
  done: Path,
): Located | Fault {
  const path = formatPath([...done, ...steps]);
  let index = -1;
  let length = 1;
  if (typeof steps[0] === 'number') index = steps[0];
  else {
    for (length = steps.length; length >= 1; length--) {
      const wanted = steps.slice(0, length).join('.');
      index = node.items.findIndex((item) => nameOf(item) === wanted);
      if (index >= 0) break;
    }
  }
  if (index < 0 || index >= node.items.length) {
    const names = node.items.map(nameOf).filter((name) => name !== null);
    const hint = suggestion(String(steps[0]), names) ?? `items are ${names.join(', ')}`;
    return {
      path,
      expected: `an item of ${formatPath(done)}, by name or as [0] to [${node.items.length - 1}]`,
      hint: names.length > 0 ? shorten(hint) : undefined,
    };
  }
  const inner = set(node.items[index]!, steps.slice(length), value, [...done, index]);
  if ('expected' in inner) return inner;
  return { ...node, items: node.items.map((item, i) => (i === index ? inner : item)) };
}

/** What a list item is called: its name, or the target of an outage. */
function nameOf(item: Located): string | null {
  if (item.kind !== 'map') return null;
  for (const key of ['name', 'outage']) {
    const node = item.entries.get(key)?.node;
    if (node?.kind === 'scalar' && typeof node.value === 'string') return node.value;
  }
  return null;
}
