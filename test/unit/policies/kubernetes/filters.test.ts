/** The filters that look at one node, against twins written from the specification. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostPort, KubePod } from '../../../../src/base/kube.ts';
import type { KubePodBuild } from '../../../../src/testing/kube.ts';
import { KubeWorld, makePlugin, type PlainNode } from '../../../builders/kube-world.ts';
import { nodeAffinity, nodeBuild, nodeTerm, taints, tolerations } from './arbitrary.ts';
import { hasHardTaint, requiredMatches, termMatches, tolerated } from './twins.ts';

const RUNS = { numRuns: 2000 };

const affinePod: fc.Arbitrary<KubePodBuild> = fc.record({
  nodeAffinity: fc.option(nodeAffinity, { freq: 4 }),
  nodeSelector: fc.oneof(fc.constant({}), fc.constant({ rack: '1' })),
});

/** Section 3.3: names that every term gives, or null. */
function nameSet(kube: KubePod): readonly string[] | null {
  const terms = kube.nodeAffinity?.required ?? [];
  if (terms.length === 0) return null;
  const sets = terms.map((term) =>
    term.fields.filter((f) => f.operator === 'In').map((f) => new Set(f.values)),
  );
  if (sets.some((lists) => lists.length === 0)) return null;
  const names = ['node-0', 'node-1', 'node-2'];
  return names.filter((name) => sets.some((lists) => lists.every((set) => set.has(name))));
}

describe('NodeAffinity', () => {
  it('filters, narrows and scores as the specification says', () => {
    const added = fc.option(
      fc.record({
        required: fc.option(fc.array(nodeTerm, { minLength: 1, maxLength: 2 })),
        preferred: nodeAffinity.map((a) => a.preferred),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(nodeBuild, { minLength: 1, maxLength: 4 }),
        affinePod,
        added,
        (nodes, pod, extra) => {
          const world = new KubeWorld(nodes);
          const toApi = (term: typeof nodeTerm extends fc.Arbitrary<infer T> ? T : never) => ({
            matchExpressions: term.expressions,
            matchFields: term.fields,
          });
          const addedAffinity =
            extra === null
              ? undefined
              : {
                  requiredDuringSchedulingIgnoredDuringExecution:
                    extra.required === null
                      ? undefined
                      : { nodeSelectorTerms: extra.required.map(toApi) },
                  preferredDuringSchedulingIgnoredDuringExecution: extra.preferred.map((p) => ({
                    weight: p.weight,
                    preference: toApi(p.term),
                  })),
                };
          const plugin = makePlugin('node-affinity', world.nodes, { addedAffinity });
          const kube = world.kubeOf(pod);
          const answer = world.filter(plugin, pod);
          const addedTerms = extra?.required ?? null;
          const required = kube.nodeAffinity?.required ?? null;
          const selector = Object.keys(pod.nodeSelector ?? {});
          const names = nameSet(kube);
          if (addedTerms === null && required === null && selector.length === 0) {
            expect(answer.preFilter).toBe('skip');
          } else if (names !== null && names.length === 0) {
            expect(answer.preFilter).toBe('pod affinity terms conflict');
          } else {
            expect(answer.names === undefined ? null : [...answer.names].sort()).toEqual(names);
            expect(answer.statuses).toEqual(
              world.listed.map((node) => {
                const isAdded = addedTerms === null || addedTerms.some((t) => termMatches(t, node));
                return isAdded && requiredMatches(pod, kube, node) ? 0 : 2;
              }),
            );
          }
          const preferred = [...(extra?.preferred ?? []), ...(kube.nodeAffinity?.preferred ?? [])];
          const raw = world.listed.map((node) =>
            preferred.reduce((sum, p) => sum + (termMatches(p.term, node) ? p.weight : 0), 0),
          );
          const max = Math.max(...raw);
          const normalised = raw.map((r) => (max === 0 ? 0 : Math.floor((100 * r) / max)));
          expect(world.score(plugin, pod)).toEqual(
            preferred.length === 0 ? null : { raw, normalised },
          );
        },
      ),
      RUNS,
    );
  });

  it('says which affinity a node missed', () => {
    const world = new KubeWorld([{ labels: { rack: '1' } }]);
    const plugin = makePlugin('node-affinity', world.nodes);
    const { reasons } = world.filter(plugin, { nodeSelector: { rack: '2' } });
    expect(reasons).toEqual([["node(s) didn't match Pod's node affinity/selector"]]);
    const added = makePlugin('node-affinity', world.nodes, {
      addedAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'rack', operator: 'In', values: ['3'] }] },
          ],
        },
      },
    });
    expect(world.filter(added, {}).reasons).toEqual([
      ["node(s) didn't match scheduler-enforced node affinity"],
    ]);
  });

  it('matches nothing with an empty list of terms, an empty term or a field with two values', () => {
    const world = new KubeWorld([{}]);
    const plugin = makePlugin('node-affinity', world.nodes);
    const ask = (required: NonNullable<KubePod['nodeAffinity']>['required']) =>
      world.filter(plugin, { nodeAffinity: { required, preferred: [] } }).statuses;
    expect(ask([])).toEqual([2]);
    expect(ask([{ expressions: [], fields: [] }])).toEqual([2]);
    const values = ['node-0', 'node-1'];
    expect(
      ask([{ expressions: [], fields: [{ key: 'metadata.name', operator: 'In', values }] }]),
    ).toEqual([2]);
  });

  it('compares numbers as signed 64-bit integers and nothing else', () => {
    // 9223372036854775807 is the largest; one more does not parse.
    const values = [
      '9223372036854775807',
      '9223372036854775808',
      '-5',
      '+7',
      ' 7',
      '7.0',
      '',
      '0x8',
    ];
    const world = new KubeWorld(values.map((size) => ({ labels: { size } })));
    const plugin = makePlugin('node-affinity', world.nodes);
    const ask = (operator: 'Gt' | 'Lt', bound: string) => {
      const expressions = [{ key: 'size', operator, values: [bound] }];
      const required = [{ expressions, fields: [] }];
      return world.filter(plugin, { nodeAffinity: { required, preferred: [] } }).statuses;
    };
    expect(ask('Gt', '6')).toEqual([0, 2, 2, 0, 2, 2, 2, 2]);
    expect(ask('Lt', '7')).toEqual([2, 2, 0, 2, 2, 2, 2, 2]);
    expect(ask('Gt', 'many')).toEqual([2, 2, 2, 2, 2, 2, 2, 2]);
  });
});

describe('TaintToleration', () => {
  it('filters hard taints and scores soft ones as the specification says', () => {
    fc.assert(
      fc.property(fc.array(taints, { minLength: 1, maxLength: 4 }), tolerations, (lists, bears) => {
        const world = new KubeWorld(lists.map((list) => ({ taints: list })));
        const plugin = makePlugin('taint-toleration', world.nodes);
        const { statuses, reasons } = world.filter(plugin, { tolerations: bears });
        expect(statuses).toEqual(world.listed.map((node) => (hasHardTaint(node, bears) ? 2 : 0)));
        const first = world.listed.map((node) =>
          node.taints.find((t) => t.effect !== 'PreferNoSchedule' && !tolerated(t, bears)),
        );
        expect(reasons).toEqual(
          first.map((t) => (t ? [`node(s) had untolerated taint {${t.key}: ${t.value}}`] : [])),
        );
        const soft = bears.filter((t) => t.effect === undefined || t.effect === 'PreferNoSchedule');
        const raw = world.listed.map(
          (node) =>
            node.taints.filter((t) => t.effect === 'PreferNoSchedule' && !tolerated(t, soft))
              .length,
        );
        const max = Math.max(...raw);
        const normalised = raw.map((r) => (max === 0 ? 100 : 100 - Math.floor((100 * r) / max)));
        expect(world.score(plugin, { tolerations: bears })).toEqual({ raw, normalised });
      }),
      RUNS,
    );
  });
});

describe('NodeUnschedulable and NodeName', () => {
  it('refuse cordoned nodes and nodes of another name for good', () => {
    const world = new KubeWorld([{}, { unschedulable: true }]);
    const cordoned = makePlugin('node-unschedulable', world.nodes);
    expect(world.filter(cordoned, {}).statuses).toEqual([0, 2]);
    expect(world.filter(cordoned, {}).reasons[1]).toEqual(['node(s) were unschedulable']);
    const key = 'node.kubernetes.io/unschedulable';
    const bears = (toleration: KubePodBuild['tolerations']) =>
      world.filter(cordoned, { tolerations: toleration }).statuses;
    expect(bears([{ key, operator: 'Exists', value: '', effect: 'NoSchedule' }])).toEqual([0, 0]);
    expect(bears([{ key, operator: 'Equal', value: '' }])).toEqual([0, 0]);
    expect(bears([{ key: '', operator: 'Exists', value: '' }])).toEqual([0, 0]);
    expect(bears([{ key, operator: 'Exists', value: '', effect: 'NoExecute' }])).toEqual([0, 2]);
    const name = makePlugin('node-name', world.nodes);
    expect(world.filter(name, {}).statuses).toEqual([0, 0]);
    expect(world.filter(name, { nodeName: 'node-1' }).statuses).toEqual([2, 0]);
    const reason = "node(s) didn't match the requested node name";
    expect(world.filter(name, { nodeName: 'node-1' }).reasons[0]).toEqual([reason]);
  });
});

describe('NodePorts', () => {
  const port: fc.Arbitrary<HostPort> = fc.record({
    ip: fc.constantFrom('0.0.0.0', '10.0.0.1', '10.0.0.2'),
    protocol: fc.constantFrom('TCP', 'UDP'),
    port: fc.constantFrom(53, 80),
  });
  const ports = fc.array(port, { maxLength: 2 });
  const clash = (a: HostPort, b: HostPort) =>
    a.port === b.port &&
    a.protocol === b.protocol &&
    (a.ip === b.ip || [a.ip, b.ip].includes('0.0.0.0'));

  it('refuses nodes where a wanted port is taken, as the specification says', () => {
    fc.assert(
      fc.property(
        ports,
        fc.array(fc.array(ports, { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
        (wanted, taken) => {
          const world = new KubeWorld(taken.map(() => ({})));
          taken.forEach((pods, n) => {
            for (const hostPorts of pods) world.place({ hostPorts }, n);
          });
          const plugin = makePlugin('node-ports', world.nodes);
          const { preFilter, statuses } = world.filter(plugin, { hostPorts: wanted });
          if (wanted.length === 0) {
            expect(preFilter).toBe('skip');
            return;
          }
          const isTaken = (node: PlainNode) =>
            world
              .podsOn(node)
              .some((p) => p.kube.hostPorts.some((b) => wanted.some((a) => clash(a, b))));
          expect(statuses).toEqual(world.listed.map((node) => (isTaken(node) ? 1 : 0)));
        },
      ),
      RUNS,
    );
  });

  it('gives the answers of worked example 13', () => {
    const world = new KubeWorld([{}, {}]);
    const tcp = (ip: string, number: number) => ({ ip, protocol: 'TCP', port: number });
    const udp = (ip: string, number: number) => ({ ip, protocol: 'UDP', port: number });
    world.place({ hostPorts: [tcp('10.0.0.1', 80)] }, 0);
    world.place({ hostPorts: [udp('0.0.0.0', 53)] }, 1);
    const plugin = makePlugin('node-ports', world.nodes);
    const ask = (wanted: HostPort) => world.filter(plugin, { hostPorts: [wanted] }).statuses;
    expect(ask(tcp('0.0.0.0', 80))).toEqual([1, 0]);
    expect(ask(tcp('10.0.0.2', 80))).toEqual([0, 0]);
    expect(ask(udp('0.0.0.0', 80))).toEqual([0, 0]);
    expect(ask(tcp('10.0.0.1', 81))).toEqual([0, 0]);
    expect(ask(udp('127.0.0.1', 53))).toEqual([0, 1]);
  });
});

describe('SchedulingGates', () => {
  it('keeps a pod with gates out, and names them', () => {
    const world = new KubeWorld([{}]);
    const gates = makePlugin('scheduling-gates', world.nodes);
    expect(gates.preEnqueue!(world.attempt({}))).toBeNull();
    const pod = world.attempt({ schedulingGates: ['foo', 'bar'] });
    expect(gates.preEnqueue!(pod)).toBe('waiting for scheduling gates: [foo bar]');
  });
});
