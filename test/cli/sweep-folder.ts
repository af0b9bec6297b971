/** Studies for tests of `orrery sweep`, and what their folders hold. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Small pods, and large ones that need almost a whole node free: where the small ones go matters. */
export const DUEL = `orrery: 1
name: duel
question: Who keeps room for large pods?
horizon: 1h
fleet:
  machineTypes:
    - {name: m, cpu: 8, memory: 32Gi}
  clusters:
    - {name: one, pools: [{machineType: m, count: 4}]}
workloads:
  - {name: small, kind: job, arrivals: {poisson: 0.25/s}, duration: {exponential: {mean: 1m}}, pod: {cpu: 1, memory: 1Gi}}
  - {name: large, kind: job, arrivals: {poisson: 0.01/s}, duration: {exponential: {mean: 1m}}, pod: {cpu: 7, memory: 1Gi}}
`;

/** Two policies at two loads, three replications: twelve runs of a moment each. */
export const STUDY = `orrery-study: 1
name: duels
question: Does packing pay at both loads?
scenario: duel.yaml
axes:
  policy:
    - {name: spread, set: {policies.scheduling: least-allocated}}
    - {name: pack, set: {policies.scheduling: most-allocated}}
  load: {key: workloads.small.arrivals.poisson, values: [0.1/s, 0.25/s]}
replications: 3
seed: 7
`;

/** Hashes every file of a folder but the one with facts of the wall clock, by path, sorted. */
export function contentOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const entries = paths
    .filter((path) => path !== 'runtime.json' && statSync(join(folder, path)).isFile())
    .map((path) => {
      const hash = createHash('sha256').update(readFileSync(join(folder, path)));
      return [path, hash.digest('hex').slice(0, 16)];
    });
  return Object.fromEntries(entries);
}
