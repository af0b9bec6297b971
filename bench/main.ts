/**
 * Benchmarks: `npm run bench -- NAME [--nodes N] [--policy P] [--json FILE]`, NAME one of event-queue, engine, scaling,
 * memory, kubernetes, placement, replications, hyperscale, or smoke for all of them at their smallest. Prints a table; `--json` writes `orrery.bench/1`; `--record`
 * appends to the history. For hyperscale also `--against DIR`, `--rounds N`, `--queue Q`.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchEngine } from './engine.ts';
import { benchEventQueue } from './event-queue.ts';
import { record } from './history.ts';
import { benchHyperscale } from './hyperscale.ts';
import { benchKubernetes } from './kubernetes.ts';
import { benchMemory } from './memory.ts';
import { benchPlacement } from './placement.ts';
import { benchReplications } from './replications.ts';
import { type BenchOptions, type BenchRow, tableOf } from './rows.ts';
import { benchScaling } from './scaling.ts';

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchRow[]>>> = {
  'event-queue': benchEventQueue,
  engine: benchEngine,
  scaling: benchScaling,
  memory: benchMemory,
  replications: benchReplications,
  kubernetes: benchKubernetes,
  placement: benchPlacement,
  hyperscale: benchHyperscale,
};

const QUEUES = ['auto', 'heap', 'calendar', 'fastpriorityqueue'] as const;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: 'string' },
    policy: { type: 'string' },
    json: { type: 'string' },
    against: { type: 'string' },
    rounds: { type: 'string' },
    queue: { type: 'string' },
    only: { type: 'boolean' },
    record: { type: 'boolean' },
  },
});
const name = positionals[0] ?? '';
const isSmoke = name === 'smoke';
if (positionals.length !== 1 || (!isSmoke && !Object.hasOwn(BENCHES, name))) {
  console.error(`bench: expected one of ${[...Object.keys(BENCHES), 'smoke'].join(', ')}`);
  process.exit(2);
}
/** A whole number above 0, or null where it is not given. */
function readCount(option: string, given: string | undefined): number | null {
  if (given === undefined) return null;
  const count = Number(given);
  if (Number.isSafeInteger(count) && count > 0) return count;
  console.error(`bench: --${option} got ${given}, expected a whole number above 0`);
  process.exit(2);
}

const queue = QUEUES.find((known) => known === values.queue);
if (values.queue !== undefined && queue === undefined) {
  console.error(`bench: --queue got ${values.queue}, expected one of ${QUEUES.join(', ')}`);
  process.exit(2);
}
const options: BenchOptions = {
  nodes: readCount('nodes', values.nodes),
  policy: values.policy ?? null,
  queue: queue ?? null,
  against: values.against ?? null,
  rounds: readCount('rounds', values.rounds),
  isOnly: values.only ?? false,
  isSmoke,
};
const rows: BenchRow[] = [];
for (const bench of isSmoke ? Object.values(BENCHES) : [BENCHES[name]!]) {
  rows.push(...(await bench(options)));
}
console.log(tableOf(rows));
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ schema: 'orrery.bench/1', rows }, null, 1)}\n`);
}
if (values.record) record(name, rows);
