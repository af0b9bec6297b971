/** The shapes of the JSON files of a bundle, to tell a damaged or edited file from a whole one before it is used. */
import type { Issue } from '../base/errors.ts';

/** What a value must be; `?` allows null. Fields that a shape does not name are let through. */
type Shape =
  | 'text'
  | 'text?'
  | 'number'
  | 'number?'
  | 'boolean'
  | { readonly list: Shape }
  | { readonly values: Shape }
  | { readonly fields: Readonly<Record<string, Shape>>; readonly mayBeNull?: true };

const LABELS: Shape = { values: 'text' };
const HASHED: Shape = { list: { fields: { name: 'text', sha256: 'text' } } };
const NUMBERS: Shape = { list: 'number' };

const METRIC: Shape = {
  fields: {
    name: 'text',
    kind: 'text',
    unit: 'text',
    direction: 'text',
    labels: LABELS,
    n: 'number',
    sum: 'number?',
    mean: 'number?',
    min: 'number?',
    max: 'number?',
    stddev: 'number?',
    quantiles: { values: 'number?' },
    quantilesAtLeast: { list: 'text' },
    quantileErrorRatio: 'number?',
    censored: 'number',
    last: 'number?',
    minAtSeconds: 'number?',
    maxAtSeconds: 'number?',
    perReplication: { list: 'number?' },
    ci: { fields: { level: 'number', mean: NUMBERS }, mayBeNull: true },
  },
};

const THRESHOLD: Shape = {
  fields: {
    metric: 'text',
    expr: 'text',
    verdict: 'text',
    observed: 'number?',
    observedIsAtLeast: 'boolean',
    unit: 'text',
    where: 'text?',
    why: 'text?',
    because: 'text?',
    warn: 'boolean',
  },
};

const CONSERVATION: Shape = {
  fields: {
    ok: 'boolean',
    pods: {
      fields: {
        arrived: 'number',
        completed: 'number',
        running: 'number',
        pending: 'number',
        lost: 'number',
      },
    },
    nodeSeconds: { fields: { byState: { values: 'number' }, total: 'number' } },
    cost: {
      fields: { total: 'number', workload: 'number', idle: 'number', overhead: 'number' },
    },
    checks: 'number',
    littlesLaw: { fields: { l: 'number', lambdaW: 'number' }, mayBeNull: true },
  },
};

const RESULT: Shape = {
  fields: {
    scenario: 'text',
    question: 'text',
    complete: 'boolean',
    seed: 'number',
    replications: 'number',
    horizonSeconds: 'number',
    reachedSeconds: 'number',
    warmupSeconds: 'number',
    trajectory: 'text',
    metrics: { list: METRIC },
    thresholds: { list: THRESHOLD },
    conservation: CONSERVATION,
  },
};

const MANIFEST: Shape = {
  fields: {
    orrery: 'text',
    scenario: { fields: { name: 'text', sha256: 'text' } },
    inputs: HASHED,
    catalogs: { list: { fields: { name: 'text', date: 'text', source: 'text' } } },
    seed: 'number',
    replications: 'number',
    overrides: { list: 'text' },
    plugins: HASHED,
    policies: {
      list: { fields: { cluster: 'text', scheduling: 'text', queueing: 'text', tier: 'text' } },
    },
    placement: 'text',
    trajectory: 'text',
    trajectories: { list: { fields: { cluster: 'text', buckets: { list: 'text' } } } },
    study: 'text',
    windows: { list: { fields: { name: 'text', spans: { list: NUMBERS } } } },
    fleet: {
      fields: { clusters: 'number', nodes: 'number', regions: 'number', zones: 'number' },
    },
    complete: 'boolean',
    stopped: 'text?',
  },
};

const DISTRIBUTIONS: Shape = {
  fields: {
    unit: 'text',
    binsPerOctave: 'number',
    relativeError: 'number',
    entries: {
      list: {
        fields: {
          metric: 'text',
          labels: LABELS,
          replication: 'number',
          scope: 'text',
          bins: NUMBERS,
          counts: NUMBERS,
          censoredBins: NUMBERS,
          censoredCounts: NUMBERS,
          n: 'number',
          sum: 'number',
          min: 'number?',
          max: 'number?',
        },
      },
    },
  },
};

const SHAPES = { manifest: MANIFEST, result: RESULT, distributions: DISTRIBUTIONS } as const;

/**
 * Finds the first value of a stored file that is not what a run writes there.
 *
 * @param kind which of the files
 * @param parsed its content
 * @returns the issue, without the file; null for a whole file
 *
 * *Order*: fields as declared, items as stored. *Cost*: O(values).
 */
export function faultInStored(kind: keyof typeof SHAPES, parsed: unknown): Issue | null {
  return faultIn(parsed, SHAPES[kind], '');
}

function faultIn(value: unknown, shape: Shape, path: string): Issue | null {
  if (typeof shape === 'string') return isPlain(value, shape) ? null : wrong(value, shape, path);
  if ('list' in shape) {
    if (!Array.isArray(value)) return wrong(value, 'a list', path);
    return firstOf(value.keys(), (i) => faultIn(value[i], shape.list, `${path}[${i}]`));
  }
  if (value === null && 'mayBeNull' in shape) return null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return wrong(value, 'an object', path);
  }
  const inner = value as Readonly<Record<string, unknown>>;
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  if ('values' in shape) {
    const { values } = shape;
    return firstOf(Object.keys(inner), (key) => faultIn(inner[key], values, below(key)));
  }
  const { fields } = shape;
  return firstOf(Object.keys(fields), (key) => faultIn(inner[key], fields[key]!, below(key)));
}

function firstOf<T>(items: Iterable<T>, check: (item: T) => Issue | null): Issue | null {
  for (const item of items) {
    const fault = check(item);
    if (fault !== null) return fault;
  }
  return null;
}

function isPlain(value: unknown, shape: Shape & string): boolean {
  if (value === null) return shape.endsWith('?');
  if (shape.startsWith('number')) return typeof value === 'number';
  return typeof value === (shape === 'boolean' ? 'boolean' : 'string');
}

const SHOWN_MAX = 40;

function wrong(value: unknown, expected: string, path: string): Issue {
  const shown = value === undefined ? 'none' : JSON.stringify(value).slice(0, SHOWN_MAX);
  const words = expected.replace(/^(?:text|number)/, 'a $&').replace('?', ' or null');
  return { path, value: shown, expected: words.replace(/^boolean$/, 'true or false') };
}
