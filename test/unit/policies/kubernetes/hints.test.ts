/** Which events wake the pods that a plug-in rejected: section 4.7 of the specification, row by row. */
import { describe, expect, it } from 'vitest';
import { asNode } from '../../../../src/base/ids.ts';
import {
  ADD,
  type ClusterEvent,
  DELETE,
  type EventResource,
  type FrameworkPlugin,
  type PlacedPod,
  UPDATE_NODE_ALLOCATABLE,
  UPDATE_NODE_LABEL,
  UPDATE_NODE_TAINT,
  UPDATE_OTHER,
  UPDATE_POD_GATES_ELIMINATED,
  UPDATE_POD_LABEL,
  UPDATE_POD_SCALE_DOWN,
  UPDATE_POD_TOLERATION,
} from '../../../../src/contracts/framework.ts';
import { DEFAULT_PLUGINS } from '../../../../src/policies/kubernetes/plugin-list.ts';
import type { KubePodBuild } from '../../../../src/testing/kube.ts';
import { KubeWorld, makePlugin } from '../../../builders/kube-world.ts';

const ZONE = 'topology.kubernetes.io/zone';

/** Asks the hints of a plug-in; null if none is registered for the event. */
class Waker {
  readonly world: KubeWorld;
  readonly plugin: FrameworkPlugin;

  constructor(name: string, world: KubeWorld) {
    this.world = world;
    this.plugin = makePlugin(name, world.nodes);
  }

  ask(build: KubePodBuild, event: Omit<ClusterEvent, 'node'> & { node?: number }): boolean | null {
    const full: ClusterEvent = {
      ...event,
      node: event.node === undefined ? -1 : asNode(event.node),
    };
    const hints = this.plugin.hints.filter(
      (h) => h.resource === event.resource && (h.actions & event.action) !== 0,
    );
    if (hints.length === 0) return null;
    return hints.some((h) => h.queue?.(this.world.attempt(build), full, this.world.nodes) ?? true);
  }

  /** A pod as an event shows it. */
  pod(build: KubePodBuild, id = 3): PlacedPod {
    const { kube, shape } = this.world.attempt(build);
    return { id, kube, shape, isTerminating: false };
  }
}

/** The id that the world gives to the pod that waits. */
const ITSELF = 1_000_000;

describe('the events that plug-ins register', () => {
  const rows: Readonly<Record<string, readonly (readonly [EventResource, number])[]>> = {
    SchedulingGates: [['Pod', UPDATE_POD_GATES_ELIMINATED]],
    NodeUnschedulable: [
      ['Node', ADD | UPDATE_NODE_TAINT],
      ['Pod', UPDATE_POD_TOLERATION],
    ],
    NodeName: [['Node', ADD]],
    TaintToleration: [
      ['Node', ADD | UPDATE_NODE_TAINT],
      ['Pod', UPDATE_POD_TOLERATION],
    ],
    NodeAffinity: [['Node', ADD | UPDATE_NODE_LABEL]],
    NodePorts: [
      ['Node', ADD],
      ['Pod', DELETE],
    ],
    NodeResourcesFit: [
      ['Node', ADD | UPDATE_NODE_ALLOCATABLE],
      ['Pod', DELETE | UPDATE_POD_SCALE_DOWN],
    ],
    VolumeRestrictions: [
      ['Node', ADD],
      ['Pod', DELETE],
      ['PersistentVolumeClaim', ADD],
    ],
    NodeVolumeLimits: [
      ['CSINode', ADD | UPDATE_OTHER],
      ['Pod', DELETE],
      ['PersistentVolumeClaim', ADD],
      ['VolumeAttachment', DELETE],
    ],
    VolumeBinding: [
      ['Node', ADD | UPDATE_NODE_LABEL],
      ['PersistentVolume', ADD | UPDATE_OTHER],
      ['PersistentVolumeClaim', ADD | UPDATE_OTHER],
      ['StorageClass', ADD | UPDATE_OTHER],
      ['CSINode', ADD | UPDATE_OTHER],
      ['CSIDriver', UPDATE_OTHER],
      ['CSIStorageCapacity', ADD | UPDATE_OTHER],
    ],
    VolumeZone: [
      ['Node', ADD | UPDATE_NODE_LABEL],
      ['PersistentVolumeClaim', ADD | UPDATE_OTHER],
      ['PersistentVolume', ADD | UPDATE_OTHER],
      ['StorageClass', ADD],
    ],
    PodTopologySpread: [
      ['Pod', ADD | DELETE | UPDATE_POD_LABEL | UPDATE_POD_TOLERATION],
      ['Node', ADD | DELETE | UPDATE_NODE_LABEL | UPDATE_NODE_TAINT],
    ],
    InterPodAffinity: [
      ['Pod', ADD | DELETE | UPDATE_POD_LABEL],
      ['Node', ADD | UPDATE_NODE_LABEL],
    ],
    NodeResourcesBalancedAllocation: [],
    ImageLocality: [],
  };

  for (const { name, policy } of DEFAULT_PLUGINS) {
    if (policy === null) continue;
    it(`of ${name} are those of the table, and no others`, () => {
      const world = new KubeWorld([{}]);
      const { hints, name: given } = makePlugin(policy.replace('kubernetes/', ''), world.nodes);
      expect(given).toBe(name);
      const sums = new Map<string, number>();
      for (const { actions, resource } of hints) {
        sums.set(resource, (sums.get(resource) ?? 0) | actions);
      }
      expect([...sums]).toEqual(rows[name]);
    });
  }
});

describe('hints about nodes', () => {
  it('of NodeUnschedulable: added schedulable, or uncordoned', () => {
    const world = new KubeWorld([{}, { unschedulable: true }]);
    const waker = new Waker('node-unschedulable', world);
    const [open, cordoned] = [0, 1].map((n) => world.nodes.classOf(asNode(n)));
    const event = { resource: 'Node', action: ADD } as const;
    expect(waker.ask({}, { ...event, node: 0 })).toBe(true);
    expect(waker.ask({}, { ...event, node: 1 })).toBe(false);
    const update = { resource: 'Node', action: UPDATE_NODE_TAINT } as const;
    expect(waker.ask({}, { ...update, node: 0, classBefore: cordoned! })).toBe(true);
    expect(waker.ask({}, { ...update, node: 0, classBefore: open! })).toBe(false);
    const bears = { tolerations: [{ key: '', operator: 'Exists', value: '' }] } as const;
    const toleration = { resource: 'Pod', action: UPDATE_POD_TOLERATION } as const;
    expect(waker.ask(bears, { ...toleration, pod: waker.pod(bears, ITSELF) })).toBe(true);
    expect(waker.ask({}, { ...toleration, pod: waker.pod({}, ITSELF) })).toBe(false);
  });

  it('of TaintToleration: hard taints are tolerated now and were not before', () => {
    const world = new KubeWorld([{}, { taints: [{ key: 'k', value: '', effect: 'NoSchedule' }] }]);
    const waker = new Waker('taint-toleration', world);
    const [bare, tainted] = [0, 1].map((n) => world.nodes.classOf(asNode(n)));
    const update = { resource: 'Node', action: UPDATE_NODE_TAINT } as const;
    expect(waker.ask({}, { ...update, node: 0, classBefore: tainted! })).toBe(true);
    expect(waker.ask({}, { ...update, node: 0, classBefore: bare! })).toBe(false);
    expect(waker.ask({}, { ...update, node: 1, classBefore: bare! })).toBe(false);
    expect(waker.ask({}, { resource: 'Node', action: ADD, node: 0 })).toBe(true);
  });

  it('of NodeAffinity: the node matches now and did not before', () => {
    const world = new KubeWorld([{ labels: { disk: 'ssd' } }, {}]);
    const waker = new Waker('node-affinity', world);
    const [ssd, bare] = [0, 1].map((n) => world.nodes.classOf(asNode(n)));
    const asked = { nodeSelector: { disk: 'ssd' } };
    const update = { resource: 'Node', action: UPDATE_NODE_LABEL } as const;
    expect(waker.ask(asked, { ...update, node: 0, classBefore: bare! })).toBe(true);
    expect(waker.ask(asked, { ...update, node: 0, classBefore: ssd! })).toBe(false);
    expect(waker.ask(asked, { ...update, node: 1, classBefore: ssd! })).toBe(false);
    expect(waker.ask(asked, { resource: 'Node', action: ADD, node: 0 })).toBe(true);
  });

  it('of NodeResourcesFit: the empty node fits, and has more of what the pod wants', () => {
    const world = new KubeWorld([{ allocatable: { cpu: 4000, memory: 100 } }]);
    world.place({ requests: { cpu: 4000 } }, 0);
    const waker = new Waker('node-resources-fit', world);
    const asked = { requests: { cpu: 3000 } };
    const update = { resource: 'Node', action: UPDATE_NODE_ALLOCATABLE, node: 0 } as const;
    // Resources in order: cpu, memory, pods.
    expect(waker.ask(asked, { ...update, allocatableBefore: [2000, 100, 110] })).toBe(true);
    expect(waker.ask(asked, { ...update, allocatableBefore: [4000, 50, 110] })).toBe(false);
    expect(waker.ask(asked, { ...update, allocatableBefore: [4000, 100, 10] })).toBe(true);
    expect(
      waker.ask({ requests: { cpu: 5000 } }, { ...update, allocatableBefore: [1, 1, 1] }),
    ).toBe(false);
    expect(waker.ask(asked, { resource: 'Node', action: ADD, node: 0 })).toBe(true);
  });

  it('of PodTopologySpread and InterPodAffinity: keys that matter came, went or changed', () => {
    const world = new KubeWorld([{ labels: { [ZONE]: 'a' } }, {}, { labels: { [ZONE]: 'b' } }]);
    const [a, bare, b] = [0, 1, 2].map((n) => world.nodes.classOf(asNode(n)));
    const term = { topologyKey: ZONE, selector: [], namespaces: [], namespaceSelector: null };
    const constraint = {
      maxSkew: 1,
      topologyKey: ZONE,
      isHard: true,
      selector: [],
      minDomains: null,
      nodeAffinityPolicy: 'Honor',
      nodeTaintsPolicy: 'Ignore',
    } as const;
    const label = { resource: 'Node', action: UPDATE_NODE_LABEL } as const;
    const spread = new Waker('pod-topology-spread', world);
    const askSpread = (node: number, classBefore?: typeof a) =>
      spread.ask(
        { spread: [constraint] },
        { ...label, node, ...(classBefore ? { classBefore } : {}) },
      );
    expect(askSpread(0, bare)).toBe(true);
    expect(askSpread(1, a)).toBe(true);
    expect(askSpread(0, b)).toBe(true);
    expect(askSpread(0, a)).toBe(false);
    expect(spread.ask({ spread: [constraint] }, { resource: 'Node', action: ADD, node: 0 })).toBe(
      true,
    );
    expect(spread.ask({ spread: [constraint] }, { resource: 'Node', action: ADD, node: 1 })).toBe(
      false,
    );
    const affinity = new Waker('inter-pod-affinity', world);
    const near = { podAffinity: { required: [term], preferred: [] } };
    const apart = { podAntiAffinity: { required: [term], preferred: [] } };
    expect(affinity.ask(near, { ...label, node: 0, classBefore: bare! })).toBe(true);
    expect(affinity.ask(near, { ...label, node: 1, classBefore: a! })).toBe(false);
    expect(affinity.ask(apart, { ...label, node: 1, classBefore: a! })).toBe(true);
    expect(affinity.ask(apart, { ...label, node: 0, classBefore: bare! })).toBe(false);
    expect(affinity.ask(apart, { resource: 'Node', action: ADD, node: 1 })).toBe(true);
    expect(affinity.ask(near, { resource: 'Node', action: ADD, node: 1 })).toBe(false);
  });
});

describe('hints about pods', () => {
  const gone = (waker: Waker, build: KubePodBuild, node?: number) => ({
    resource: 'Pod' as const,
    action: DELETE,
    pod: waker.pod(build),
    ...(node === undefined ? {} : { node }),
  });

  it('of NodeResourcesFit: any pod that had a node is gone; a request that matters fell', () => {
    const waker = new Waker('node-resources-fit', new KubeWorld([{}]));
    const asked = { requests: { cpu: 1 } };
    expect(waker.ask(asked, gone(waker, {}, 0))).toBe(true);
    expect(waker.ask(asked, gone(waker, {}))).toBe(false);
    const fell = (before: KubePodBuild, after: KubePodBuild, id = 3) => ({
      resource: 'Pod' as const,
      action: UPDATE_POD_SCALE_DOWN,
      pod: waker.pod(after, id),
      podBefore: waker.pod(before, id),
      node: 0,
    });
    const [two, one] = [{ requests: { cpu: 2 } }, { requests: { cpu: 1 } }];
    expect(waker.ask(asked, fell(two, one))).toBe(true);
    expect(waker.ask({ requests: { memory: 1 } }, fell(two, one))).toBe(false);
    expect(waker.ask({ requests: { memory: 1 } }, fell(two, one, ITSELF))).toBe(true);
  });

  it('of NodePorts: the pod that is gone had a port that conflicts', () => {
    const waker = new Waker('node-ports', new KubeWorld([{}]));
    const port = (ip: string, number: number) => ({
      hostPorts: [{ ip, protocol: 'TCP', port: number }],
    });
    expect(waker.ask(port('0.0.0.0', 80), gone(waker, port('10.0.0.1', 80), 0))).toBe(true);
    expect(waker.ask(port('0.0.0.0', 80), gone(waker, port('10.0.0.1', 81), 0))).toBe(false);
    expect(waker.ask(port('0.0.0.0', 80), gone(waker, port('10.0.0.1', 80)))).toBe(false);
  });

  it('of PodTopologySpread: a neighbour that matches came or went, or its match changed', () => {
    const waker = new Waker('pod-topology-spread', new KubeWorld([{}]));
    const selector = [{ key: 'app', operator: 'In', values: ['w'] }] as const;
    const constraint = {
      maxSkew: 1,
      topologyKey: ZONE,
      isHard: true,
      selector,
      minDomains: null,
      nodeAffinityPolicy: 'Honor',
      nodeTaintsPolicy: 'Honor',
    } as const;
    const asked = { spread: [constraint] };
    const [w, other] = [{ labels: { app: 'w' } }, { labels: { app: 'x' } }];
    expect(waker.ask(asked, gone(waker, w, 0))).toBe(true);
    expect(waker.ask(asked, gone(waker, other, 0))).toBe(false);
    expect(waker.ask(asked, gone(waker, w))).toBe(false);
    expect(waker.ask(asked, gone(waker, { ...w, namespace: 'elsewhere' }, 0))).toBe(false);
    const relabelled = {
      resource: 'Pod',
      action: UPDATE_POD_LABEL,
      node: 0,
      pod: waker.pod(other),
      podBefore: waker.pod(w),
    } as const;
    expect(waker.ask(asked, relabelled)).toBe(true);
    expect(waker.ask(asked, { ...relabelled, podBefore: waker.pod(other) })).toBe(false);
    const tolerates = { resource: 'Pod', action: UPDATE_POD_TOLERATION } as const;
    expect(waker.ask(asked, { ...tolerates, pod: waker.pod(asked, ITSELF) })).toBe(true);
    expect(waker.ask(asked, { ...tolerates, pod: waker.pod(w), node: 0 })).toBe(false);
  });

  it('of InterPodAffinity: added for affinity, gone for anti-affinity, never of another pod against it', () => {
    const waker = new Waker('inter-pod-affinity', new KubeWorld([{}]));
    const selector = [{ key: 'app', operator: 'In', values: ['w'] }] as const;
    const term = { topologyKey: ZONE, selector, namespaces: [], namespaceSelector: null };
    const near = { podAffinity: { required: [term], preferred: [] } };
    const apart = { podAntiAffinity: { required: [term], preferred: [] } };
    const w = { labels: { app: 'w' } };
    const added = { resource: 'Pod', action: ADD, pod: waker.pod(w), node: 0 } as const;
    expect(waker.ask(near, added)).toBe(true);
    expect(waker.ask(apart, added)).toBe(false);
    expect(waker.ask(apart, gone(waker, w, 0))).toBe(true);
    expect(waker.ask(near, gone(waker, w, 0))).toBe(false);
    expect(waker.ask(near, { ...added, node: -1 })).toBe(false);
    // A pod without terms that an existing pod's anti-affinity kept out: its going does not wake it.
    expect(waker.ask(w, gone(waker, { ...w, ...apart }, 0))).toBe(false);
    const relabelled = { resource: 'Pod', action: UPDATE_POD_LABEL, node: 0 } as const;
    const starts = { ...relabelled, pod: waker.pod(w), podBefore: waker.pod({}) };
    const stops = { ...relabelled, pod: waker.pod({}), podBefore: waker.pod(w) };
    expect([waker.ask(near, starts), waker.ask(near, stops)]).toEqual([true, false]);
    expect([waker.ask(apart, starts), waker.ask(apart, stops)]).toEqual([false, true]);
  });

  it('of SchedulingGates and of volumes: the pod itself, its claims, its disks', () => {
    const world = new KubeWorld([{}]);
    const gates = new Waker('scheduling-gates', world);
    const opened = { resource: 'Pod', action: UPDATE_POD_GATES_ELIMINATED } as const;
    expect(gates.ask({}, { ...opened, pod: gates.pod({}, ITSELF) })).toBe(true);
    expect(gates.ask({}, { ...opened, pod: gates.pod({}) })).toBe(false);
    const claim = { volumes: [{ kind: 'claim', claim: 'c' }] } as const;
    const restrictions = new Waker('volume-restrictions', world);
    const named = { resource: 'PersistentVolumeClaim', action: ADD } as const;
    expect(restrictions.ask(claim, { ...named, object: 'default/c' })).toBe(true);
    expect(restrictions.ask(claim, { ...named, object: 'default/d' })).toBe(false);
    expect(restrictions.ask(claim, gone(restrictions, claim, 0))).toBe(true);
    expect(restrictions.ask(claim, gone(restrictions, { ...claim, namespace: 'x' }, 0))).toBe(
      false,
    );
    const limits = new Waker('node-volume-limits', world);
    expect(limits.ask({}, gone(limits, claim, 0))).toBe(true);
    expect(limits.ask({}, gone(limits, {}, 0))).toBe(false);
  });
});
