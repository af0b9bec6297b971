/**
 * Benchmarks: `npm run bench -- NAME [--nodes N] [--policy P] [--json FILE]`, NAME one of event-queue, engine, scaling,
 * memory, or smoke for all of them at their smallest. Prints a table; `--json` writes `orrery.bench/1`.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchEngine } from './engine.ts';
import { benchEventQueue } from './event-queue.ts';
import { benchMemory } from './memory.ts';
import { benchReplications } from './replications.ts';
import { type BenchOptions, type BenchRow, tableOf } from './rows.ts';
import { benchScaling } from './scaling.ts';

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchRow[]>>> = {
  'event-queue': benchEventQueue,
  engine: benchEngine,
  scaling: benchScaling,
  memory: benchMemory,
  replications: benchReplications,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: 'string' },
    policy: { type: 'string' },
    json: { type: 'string' },
  },
});
const name = positionals[0] ?? '';
const isSmoke = name === 'smoke';
if (positionals.length !== 1 || (!isSmoke && !Object.hasOwn(BENCHES, name))) {
  console.error(`bench: expected one of ${[...Object.keys(BENCHES), 'smoke'].join(', ')}`);
  process.exit(2);
}
const nodes = values.nodes === undefined ? null : Number(values.nodes);
if (nodes !== null && !(Number.isSafeInteger(nodes) && nodes > 0)) {
  console.error(`bench: --nodes got ${values.nodes}, expected a whole number above 0`);
  process.exit(2);
}
const options: BenchOptions = { nodes, policy: values.policy ?? null, isSmoke };
const rows: BenchRow[] = [];
for (const bench of isSmoke ? Object.values(BENCHES) : [BENCHES[name]!]) {
  rows.push(...(await bench(options)));
}
console.log(tableOf(rows));
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ schema: 'orrery.bench/1', rows }, null, 1)}\n`);
}
