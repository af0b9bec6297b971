/** A small valid scenario as text, edited line by line: what malformed-input tests start from. */
import { ScenarioError } from '../../src/base/errors.ts';
import { loadScenario } from '../../src/scenario/load.ts';

/** Line numbers below count from 1, as in messages. */
const BASE = `orrery: 1
name: base
horizon: 1d
fleet:
  machineTypes:
    - {name: small, cpu: 4, memory: 16Gi, prices: {owned: "$0.10/h"}}
  providers:
    - {name: cloud, kind: public, quota: 100}
  clusters:
    - name: a
      zone: east
      pools:
        - {name: main, machineType: small, count: 10}
    - name: b-{1..2}
      pools:
        - {machineType: small, count: 5, max: 8}
workloads:
  - name: web
    kind: service
    replicas: 3
    pod: {cpu: 500m, memory: 1Gi}
  - name: batch
    kind: job
    arrivals: {poisson: 1/s}
    duration: {exponential: {mean: 5m}}
    pod: {cpu: 1, memory: 2Gi}
failures:
  - {model: node, mtbf: 30d, repair: 1h}
  - {outage: zone/east, at: 6h, for: 1h}
thresholds:
  pod_wait_seconds: ["p(99) < 30s"]
`;

/** New text by line number; one line may become several, or none (''). */
export type Edits = Readonly<Record<number, string>>;

/** The base scenario with some lines replaced; lines past the end are appended. */
export function scenarioText(edits: Edits = {}): string {
  const lines = BASE.trimEnd().split('\n');
  for (const [line, text] of Object.entries(edits)) lines[Number(line) - 1] = text;
  return `${lines.join('\n')}\n`;
}

/** Loads texts as files; the scenario is `main.yaml`. Files that are not given do not exist. */
export function load(
  files: Readonly<Record<string, string>>,
  options: { overrides?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
) {
  const readText = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: no such file ${path}`);
    return text;
  };
  return loadScenario({ path: 'main.yaml', readText, ...options });
}

/** The error of a load that must fail. */
export function failureOf(run: () => unknown): ScenarioError {
  try {
    run();
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('the scenario was accepted');
}
