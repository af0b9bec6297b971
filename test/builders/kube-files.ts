/** Scenarios with files of Kubernetes objects, given as texts. */
import { loadScenario } from '../../src/scenario/load.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';

/** A node of four cores and 16 GiB; `more` goes into its spec. */
export function nodeText(name: string, more = '', labels = ''): string {
  return `apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {kubernetes.io/hostname: ${name}${labels}}}
spec: {${more}}
status: {allocatable: {cpu: 3920m, memory: 16Gi, pods: "110"}, conditions: [{type: Ready, status: "True"}]}
`;
}

/** Joins objects as documents of one file. */
export function documents(...texts: readonly string[]): string {
  return texts.join('---\n');
}

/** Loads a cluster `a` from one file of objects. @throws ScenarioError */
export function loadSnapshot(text: string, more = ''): Scenario {
  return load(
    'cluster.yaml',
    text,
    `fleet: {clusters: [{name: a, snapshot: {files: cluster.yaml${more}}}]}`,
  );
}

/** Loads manifests onto a cluster of four nodes `p/0` to `p/3`. @throws ScenarioError */
export function loadManifests(text: string, more = ''): Scenario {
  return load(
    'files.yaml',
    text,
    `fleet: {machineTypes: [{name: m, cpu: 4, memory: 16Gi}], clusters: [{name: a, pools: [{name: p, machineType: m, count: 4}]}]}
workloads: [{name: files, kind: manifests, files: files.yaml${more}}]`,
  );
}

function load(file: string, text: string, rest: string): Scenario {
  const scenario = `name: s\nhorizon: 1h\nseed: 7\n${rest}\n`;
  return loadScenario({
    path: 's.yaml',
    readText: (path) => {
      if (path === 's.yaml') return scenario;
      if (path === file) return text;
      throw new Error(`ENOENT: no such file ${path}`);
    },
  }).scenario;
}
