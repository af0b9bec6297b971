import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import { parseScenario } from '../../../src/scenario/load.ts';
import { documents, loadSnapshot, nodeText } from '../../builders/kube-files.ts';
import { metric, outage, prepare, runToEnd } from '../../builders/scenario.ts';

const SPEC = 'containers: [{name: web, resources: {requests: {cpu: 1}}}]';
const LABELS = 'labels: {app: web, pod-template-hash: abc}';
const WEB = documents(
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 3, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {${SPEC}}}}
`,
  `apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-abc, ownerReferences: [{kind: Deployment, name: web, controller: true}]}
spec: {replicas: 3, selector: {matchLabels: {app: web}}, template: {metadata: {${LABELS}}, spec: {${SPEC}}}}
`,
);
const pod = (name: string, node: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, ${LABELS}, ownerReferences: [{kind: ReplicaSet, name: web-abc, controller: true}]}
spec: {nodeName: ${node}, ${SPEC}}
status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
`;
const three = documents(WEB, pod('web-1', 'n0'), pod('web-2', 'n0'), pod('web-3', 'n1'));

describe('a snapshot that is run', () => {
  it('starts with its pods on their nodes, and makes none that are there already', () => {
    const bundle = runToEnd(loadSnapshot(documents(nodeText('n0'), nodeText('n1'), three)));
    expect(bundle.result.conservation.pods).toEqual({
      arrived: 3,
      completed: 0,
      running: 3,
      pending: 0,
      lost: 0,
    });
    // Nobody waited, nobody was scheduled.
    expect(metric(bundle, 'decisions_total').sum).toBe(0);
    expect(metric(bundle, 'pods_running').mean).toBe(3);
  });

  it('makes the pods that are missing', () => {
    const two = documents(WEB, pod('web-1', 'n0'), pod('web-2', 'n0'));
    const bundle = runToEnd(loadSnapshot(documents(nodeText('n0'), nodeText('n1'), two)));
    expect(bundle.result.conservation.pods).toMatchObject({ arrived: 3, running: 3 });
    expect(metric(bundle, 'decisions_total').sum).toBe(1);
  });

  it('moves pods off a node that dies: their controller makes them again as the same pods', () => {
    const scenario = loadSnapshot(documents(nodeText('n0'), nodeText('n1'), three));
    const dark = outage('node/n0', 60e6, 3000e6);
    const bundle = runToEnd({ ...scenario, failures: [dark] });
    // Two of three were on n0; n1 has room for 3920m / 1000m = 3.
    expect(bundle.result.conservation.pods).toEqual({
      arrived: 3,
      completed: 0,
      running: 3,
      pending: 0,
      lost: 0,
    });
    expect(metric(bundle, 'pods_evicted_total').sum).toBe(2);
  });
});

describe('a policy that does not look at what Kubernetes has', () => {
  const base = {
    name: 's',
    horizon: '1h',
    fleet: {
      machineTypes: [{ name: 'm', cpu: 4, memory: '16Gi' }],
      clusters: [{ name: 'a', pools: [{ machineType: 'm', count: 2 }] }],
    },
    policies: { scheduling: 'first-fit' },
  };
  const refusal = (workload: object): string => {
    const scenario = parseScenario({ ...base, workloads: [{ name: 'w', ...workload }] });
    try {
      prepare(scenario);
    } catch (error) {
      if (error instanceof ScenarioError) return error.message;
      throw error;
    }
    return '';
  };
  const service = (pod: object) =>
    refusal({ kind: 'service', replicas: 1, pod: { cpu: 1, ...pod } });

  it.each([
    ['affinity', { affinity: { nodeAffinity: {} } }],
    ['hostPorts', { hostPorts: [{ hostPort: 80 }] }],
    ['schedulingGates', { schedulingGates: ['held'] }],
    ['volumes', { volumes: [{ claim: 'c' }] }],
    ['schedulerName', { schedulerName: 'mine' }],
    [
      'topologySpreadConstraints',
      {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
        ],
      },
    ],
  ])('refuses %s, and says who looks at it', (field, pod) => {
    expect(service(pod)).toBe(
      `workloads.w.pod.${field}: expected no such field with scheduling first-fit, which does not look at it ` +
        '(policies.scheduling: kubernetes/default does)',
    );
  });

  it('takes labels and several containers, which mean the same everywhere', () => {
    expect(service({ labels: { app: 'w' }, initContainers: [{ requests: { cpu: 2 } }] })).toBe('');
  });

  it('refuses controllers', () => {
    expect(refusal({ kind: 'deployment', pod: { cpu: 1 } })).toMatch(
      /workloads\.w: got deployment, expected workloads without controllers .*kubernetes\/default runs them/,
    );
  });
});
