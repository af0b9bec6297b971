/** The layers of `src/` as data: who may import whom, and which packages each may use. */

/** One folder of `src/` (or an entry file) and what its files may import besides their own folder. */
export interface Layer {
  /** First path segment below `src/`, or the name of an entry file. */
  readonly name: string;
  /** Other layers it may import, types included. */
  readonly layers: readonly string[];
  /** npm packages it may import; `d3-*` stands for every name with that start. */
  readonly packages: readonly string[];
  /** True if it may change or observe only through the views of `model/`, not through its mutators. */
  readonly viewsOnly: boolean;
  /** True if it may use Node's own modules, the clock and asynchronous code. */
  readonly usesNode: boolean;
}

/** Files of `model/` that hold views and types: all that a policy, a reader or a metric may see of it. */
export const MODEL_VIEWS: readonly string[] = [
  'model/view.ts',
  'model/kube-view.ts',
  'model/kube-volumes.ts',
  'model/shapes.ts',
  'model/resources.ts',
];

/** Files of `reports/` that wrap a file library and may therefore use Node. */
export const FILE_LIBRARIES: readonly string[] = ['reports/parquet.ts'];

/** Where a reader or the machine enters: every file must be reachable from one of these. */
export const ENTRIES: readonly string[] = ['index.ts', 'testing.ts', 'cli/main.ts'];

const BELOW_POLICIES = ['contracts', 'model', 'random', 'collections', 'base'];
const BELOW_METRICS = ['contracts', 'model', 'results', 'collections', 'base'];
const BELOW_COMMAND = ['host', 'run', 'reports', 'scenario', 'results', 'contracts', 'base'];
const BELOW_RUN = [
  'cost',
  'metrics',
  'processes',
  'workloads',
  'policies',
  'selection',
  'contracts',
  'model',
  'engine',
  'results',
  'scenario',
  'collections',
  'random',
  'base',
];

function layer(name: string, layers: readonly string[], more: Partial<Layer> = {}): Layer {
  return { name, layers, packages: [], viewsOnly: false, usesNode: false, ...more };
}

/** The table of section 3 of the design (docs/decisions/0001-layers.md), lowest layer first. */
export const LAYERS: readonly Layer[] = [
  layer('base', []),
  layer('random', ['base'], { packages: ['seedrandom'] }),
  layer('collections', ['base'], { packages: ['fastpriorityqueue'] }),
  layer('scenario', ['base'], { packages: ['zod', 'yaml'] }),
  layer('results', ['base']),
  layer('engine', ['collections', 'base']),
  layer('model', ['collections', 'base']),
  layer('contracts', ['model', 'random', 'base'], { viewsOnly: true }),
  layer('selection', ['contracts', 'model', 'collections', 'base']),
  layer('policies', BELOW_POLICIES, { viewsOnly: true }),
  layer('workloads', BELOW_POLICIES, { viewsOnly: true, packages: ['udsv'] }),
  layer('processes', ['engine', 'selection', ...BELOW_POLICIES]),
  layer('metrics', BELOW_METRICS, { viewsOnly: true }),
  layer('cost', BELOW_METRICS, { viewsOnly: true }),
  layer('reports', ['results', 'base'], { packages: ['d3-*', 'hyparquet-writer', 'cli-table3'] }),
  layer('run', BELOW_RUN),
  layer('host', ['run', 'scenario', 'results', 'workloads', 'base'], {
    packages: ['esbuild', 'hyparquet', 'tinypool'],
    usesNode: true,
  }),
  layer('cli', BELOW_COMMAND, { packages: ['commander'], usesNode: true }),
  layer('index.ts', [...BELOW_COMMAND, 'model'], { usesNode: true, viewsOnly: true }),
  layer('testing', ['selection', 'contracts', 'model', 'random', 'base']),
  layer('testing.ts', [...BELOW_COMMAND, 'testing'], { usesNode: true }),
];
