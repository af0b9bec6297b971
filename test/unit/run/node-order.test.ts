import { expect, it } from 'vitest';
import { prepare } from '../../builders/scenario.ts';
import { load } from '../../builders/scenario-text.ts';

/** Nodes of two kinds, so that they are in two pools, in turns. */
const NODES = ['n1', 'n2', 'n3', 'n4'].map(
  (name, i) => `apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {kubernetes.io/hostname: ${name}, size: "${i % 2}"}}
status: {allocatable: {cpu: "${4 + (i % 2)}", memory: 8Gi, pods: "10"}}
`,
);

it('keeps the nodes of a snapshot in the order of its file, whatever pools they fall into', () => {
  const { scenario } = load({
    'main.yaml': `name: s
horizon: 1m
fleet: {clusters: [{name: a, snapshot: nodes.yaml}]}
workloads: [{name: w, kind: deployment, replicas: 1, pod: {cpu: 1}}]
`,
    'nodes.yaml': NODES.join('---\n'),
  });
  const { run } = prepare(scenario).world.clusters[0]!;
  const listed: string[] = [];
  run.kube!.nodes.forEachNode((n) => listed.push(run.cluster.nodeName(n)));
  expect(listed).toEqual(['n1', 'n2', 'n3', 'n4']);
});
