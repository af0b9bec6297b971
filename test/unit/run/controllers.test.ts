/** Life stories of Kubernetes' controllers in a cluster that its scheduler schedules; the API is ideal, so that times are exact. */
import { describe, expect, it } from 'vitest';
import type { OwnedPod } from '../../../src/processes/kubernetes/controllers/pods.ts';
import type { Simulation } from '../../../src/run/run.ts';
import { metric, prepare } from '../../builders/scenario.ts';
import { load } from '../../builders/scenario-text.ts';
import { tell } from '../../builders/story.ts';

/** Ten nodes of four cores in pool `p`, one more in pool `q`. */
function world(text: string, fleet = '[{name: p, machineType: m, count: 10}]') {
  return load({
    'main.yaml': `orrery: 1
name: story
horizon: 40m
fleet:
  machineTypes: [{name: m, cpu: 4, memory: 16Gi}]
  providers: [{name: own, kind: private}]
  clusters: [{name: a, provider: own, region: r, pools: ${fleet}}]
policies: {scheduling: kubernetes/default}
nodeLifecycle: {api: ideal}
${text}`,
  }).scenario;
}

const WEB = 'pod: {cpu: 1, memory: 1Gi, labels: {app: web}, terminationGracePeriod: 10s}';

/** Runs a scenario and looks at all pods of controllers after each event. */
function watch(
  from: ReturnType<typeof world>,
  look: (pods: readonly OwnedPod[], nowS: number) => void,
): Simulation {
  const simulation = prepare(from, { check: false });
  const { run } = simulation.world.clusters[0]!;
  run.engine.afterEach = () => {
    const { pods } = run.kube!.controllers!;
    const all: OwnedPod[] = [];
    for (let key = 0; key < 20; key++) all.push(...pods.of(key));
    look(all, run.nowUs / 1e6);
  };
  while (simulation.runFor(Number.MAX_SAFE_INTEGER) !== 'done');
  return simulation;
}

const active = (pods: readonly OwnedPod[]) => pods.filter((pod) => !pod.isTerminating);
const ready = (pods: readonly OwnedPod[]) => active(pods).filter((pod) => pod.readySinceUs >= 0);

describe('a rolling update of ten pods', () => {
  const rolling = (more = '') =>
    world(`workloads:
  - {name: web, kind: deployment, replicas: 10, startup: 30s, ${WEB}}
rollouts:
  - {workload: web, at: 5m, pod: {cpu: 1100m}}
${more}`);

  it('keeps 8 ready and at most 13 at every event, and takes 60 s', () => {
    let done = Number.POSITIVE_INFINITY;
    watch(rolling(), (pods, nowS) => {
      // 25 % of 10: three more, two fewer.
      if (nowS < 300) return;
      expect(ready(pods).length).toBeGreaterThanOrEqual(8);
      expect(active(pods).length).toBeLessThanOrEqual(13);
      const fresh = ready(pods).filter((pod) => pod.template === 1);
      if (fresh.length === 10) done = Math.min(done, nowS);
    });
    // Waves of 5 and 5, each ready 30 s after it was made: new 5 at 300, ready at 330, the rest at 360.
    expect(done).toBe(360);
  });

  it('comes back to the revision before', () => {
    let last: readonly OwnedPod[] = [];
    watch(rolling('  - {workload: web, at: 10m, undo: true}'), (pods) => {
      last = active(pods);
    });
    expect(last.map((pod) => pod.template)).toEqual(new Array(10).fill(0));
  });

  it('stops at a release that never becomes ready, with its bounds kept', () => {
    let last: readonly OwnedPod[] = [];
    watch(
      world(`workloads:
  - {name: web, kind: deployment, replicas: 10, startup: 30s, ${WEB}}
rollouts: [{workload: web, at: 5m, pod: {cpu: 1100m}, broken: true}]`),
      (pods) => {
        last = active(pods);
      },
    );
    // 13 pods at most, 8 ready at least: five of the new, eight of the old, for ever.
    expect(last.filter((pod) => pod.template === 1)).toHaveLength(5);
    expect(ready(last)).toHaveLength(8);
  });
});

describe('a node that dies', () => {
  const dies = (workload: string) =>
    world(`workloads: [${workload}]
failures: [{outage: node/a/p/0, at: 10m, for: 20m}]`);

  it('has its pods replaced after grace and toleration', () => {
    const { lines, bundle } = tell(
      dies(`{name: web, kind: deployment, replicas: 40, pod: {cpu: 1, memory: 1Gi}}`),
      ['evict', 'bind'],
    );
    const evicted = lines.filter((line) => line.includes('evict'));
    // Four pods on the node, evicted 40 to 55 + 300 s after its death at 600 s.
    expect(evicted).toHaveLength(4);
    expect(Number(evicted[0]!.split(' ')[0])).toBeGreaterThanOrEqual(940);
    expect(Number(evicted[0]!.split(' ')[0])).toBeLessThanOrEqual(955.2);
    // No room until it is back at 1800 s: they wait as the same pods, for the cause eviction.
    const late = lines.filter((line) => Number(line.split(' ')[0]) > 900 && line.includes('bind'));
    expect(late).toHaveLength(4);
    expect(metric(bundle, 'pods_evicted_total').sum).toBe(4);
    expect(metric(bundle, 'pods_arrived_total').sum).toBe(40);
    const waits = metric(bundle, 'pod_wait_seconds', { cause: 'eviction' });
    expect(waits.n).toBe(4);
  });

  it('keeps the pods of a stateful set until it is back', () => {
    const { lines } = tell(
      dies(`{name: db, kind: statefulset, replicas: 3, podManagementPolicy: Parallel,
        pod: {cpu: 3, memory: 1Gi, terminationGracePeriod: 5s}}`),
      ['evict', 'bind', 'up'],
    );
    const at = (verb: string) =>
      lines.filter((line) => line.includes(` ${verb} `)).map((line) => Number(line.split(' ')[0]));
    const back = at('up')[0]!;
    expect(back).toBe(1800);
    // Its pod was deleted at about 950 s, but is gone only 5 s after the node is back; then it comes again.
    const again = at('bind').filter((s) => s > 600);
    expect(again.length).toBeLessThanOrEqual(1);
    for (const s of again) expect(s).toBe(1805);
  });

  it('keeps its daemon, and gives none to a node that is tainted for others', () => {
    const { bundle } = tell(dies(`{name: log, kind: daemonset, pod: {cpu: 100m, memory: 64Mi}}`));
    expect(metric(bundle, 'pods_evicted_total').sum).toBe(0);
    expect(metric(bundle, 'pods_arrived_total').sum).toBe(10);
  });
});

describe('a drain', () => {
  it('takes the pods of its node one by one under a budget of one', () => {
    // Three pods of one application on the node; each replacement is ready 20 s after the eviction, which leaves in 10 s.
    const { lines } = tell(
      world(
        `workloads:
  - name: web
    kind: deployment
    replicas: 3
    startup: 20s
    pod:
      cpu: 1
      memory: 1Gi
      labels: {app: web}
      terminationGracePeriod: 10s
      affinity:
        nodeAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              preference: {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [p/0]}]}
budgets: [{name: web, selector: {matchLabels: {app: web}}, maxUnavailable: 1}]
maintenance: [{target: pool/a/p, at: 5m}]`,
        '[{name: p, machineType: m, count: 1}, {name: q, machineType: m, count: 1}]',
      ),
      ['evict'],
    );
    // Asked at 300; refused ones again every 5 s: let go at 300, 320 and 340, each gone ten seconds later.
    expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual([310, 330, 350]);
  });
});

describe('an autoscaler', () => {
  it('follows its load up at once and down after 300 s', () => {
    const counts: [number, number][] = [];
    watch(
      world(
        `workloads: [{name: web, kind: deployment, replicas: 4, pod: {cpu: 1, memory: 64Mi, terminationGracePeriod: 0s}}]
loads: [{workload: web, milli: {steps: [{at: 0s, count: 20000}, {at: 5m, count: 4000}]}}]
autoscalers: [{workload: web, minReplicas: 2, maxReplicas: 30, metrics: [{utilization: 80}]}]`,
        '[{name: p, machineType: m, count: 10}]',
      ),
      (pods, nowS) => {
        const n = active(pods).length;
        if (counts.at(-1)?.[1] !== n) counts.push([nowS, n]);
      },
    );
    const most = Math.max(...counts.map(([, n]) => n));
    // 20 cores at 80 %: 25 pods. The load falls at 300 s, is seen 30 s later, and the last high number counts for 300 s.
    expect(most).toBe(25);
    const [fellS, n] = counts.at(-1)!;
    expect(n).toBe(5);
    expect(fellS).toBeGreaterThanOrEqual(630);
    expect(fellS).toBeLessThanOrEqual(660);
  });
});

describe('an autoscaler that nobody tells a load', () => {
  it('changes nothing', () => {
    const counts = new Set<number>();
    watch(
      world(`workloads: [{name: web, kind: deployment, replicas: 4, pod: {cpu: 1, memory: 64Mi}}]
autoscalers: [{workload: web, minReplicas: 2, maxReplicas: 30, metrics: [{utilization: 80}]}]`),
      (pods, nowS) => {
        if (nowS > 10) counts.add(active(pods).length);
      },
    );
    expect([...counts]).toEqual([4]);
  });
});

describe('a job of Kubernetes', () => {
  it('makes 3, 3, 3 and 1 pods, a second after each wave', () => {
    const { lines } = tell(
      world(`workloads:
  - {name: sum, kind: kube-job, completions: 10, parallelism: 3, duration: 60s, pod: {cpu: 1, memory: 64Mi}}`),
      ['bind'],
    );
    // 60 s of work and a second until the ends are seen.
    const seconds = lines.map((line) => Math.round(Number(line.split(' ')[0])));
    expect(seconds).toEqual([0, 0, 0, 61, 61, 61, 122, 122, 122, 183]);
  });
});

describe('images', () => {
  it('are pulled one at a time, and once per node', () => {
    const { bundle, lines } = tell(
      world(
        `workloads:
  - name: web
    kind: deployment
    replicas: 2
    pod: {namespace: x, memory: 1Gi, cpu: 1, containers: [{name: c, image: "r/app:1", requests: {cpu: 1, memory: 1Gi}}]}
imagePulls: {perSecond: 50Mi, images: {"r/app:1": 300Mi}}`.replace('memory: 1Gi, cpu: 1, ', ''),
        '[{name: p, machineType: m, count: 1}]',
      ),
      ['bind'],
    );
    expect(lines).toHaveLength(2);
    // 300 MiB at 50 MiB/s; the second pod waits for the same pull.
    expect(metric(bundle, 'pod_startup_seconds').max).toBe(6);
    expect(metric(bundle, 'pod_startup_seconds').mean).toBe(6);
  });
});
