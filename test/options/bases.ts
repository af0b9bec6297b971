/** Small worlds in which single fields of a scenario can show what they do. */

const JOBS = `
  - name: w
    kind: job
    arrivals: {poisson: 0.1/s}
    duration: {exponential: {mean: 2m}}
    pod: {cpu: 1, memory: 1Gi}`;

/** One cluster of 16 cores, 12 of them busy on average. */
const one = `orrery: 1
name: one
question: What happens?
horizon: 1h
seed: 7
fleet:
  machineTypes:
    - {name: m, cpu: 4, memory: 16Gi, prices: {owned: "$0.1/h", on-demand: "$0.2/h", reserved: "$0.15/h", spot: "$0.05/h"}}
    - {name: n, cpu: 4, memory: 16Gi}
  providers:
    - {name: own, kind: private}
  clusters:
    - {name: a, provider: own, pools: [{name: p, machineType: m, count: 4}]}
workloads:${JOBS}
policies: {scheduling: first-fit, queueing: fifo}
series: {every: 5m}
`;

/** Two pools, the second with nodes of another kind. */
const pools = one.replace(
  '[{name: p, machineType: m, count: 4}]',
  '[{name: p, machineType: m, count: 2}, {name: q, machineType: n, count: 2}]',
);

/** Two clusters in different places, each behind its own provider. */
const pair = one
  .replace(
    '- {name: own, kind: private}',
    '- {name: own, kind: private}\n    - {name: rent, kind: private}',
  )
  .replace(
    /- \{name: a, provider.*/,
    `- {name: a, provider: own, region: east, site: s1, zone: z1, domains: [d1], pools: [{name: p, machineType: m, count: 2}]}
    - {name: b, provider: rent, region: west, site: s2, zone: z2, domains: [d2], pools: [{name: p, machineType: m, count: 2}]}`,
  );

/** A pool that grows from one node to six, for a load that comes and goes. */
const elastic = one
  .replace('kind: private}', 'kind: private, boot: 1m}')
  .replace('count: 4', 'count: 1, max: 6, idleAfter: 2m')
  .replace(
    '{poisson: 0.1/s}',
    '{diurnal: {mean: 0.06/s, peakToMean: 2, peakAt: 10m, period: 20m}}',
  );

/** Two nodes with two GPUs and one accelerator card each. */
const gpu = one
  .replace(
    '{name: m, cpu: 4,',
    '{name: m, gpus: {model: A, count: 2}, extended: {fpga: 1}, cpu: 4,',
  )
  .replace(
    '{name: n, cpu: 4,',
    '{name: n, gpus: {model: B, count: 2}, extended: {fpga: 1}, cpu: 4,',
  )
  .replace(
    '[{name: p, machineType: m, count: 4}]',
    '[{name: p, machineType: m, count: 2}, {name: q, machineType: n, count: 2}]',
  )
  .replace(
    'cpu: 1, memory: 1Gi}',
    'cpu: 100m, memory: 1Gi, gpus: 1, gpuModels: [A], extended: {fpga: 1}}',
  );

/** Nodes that break all the time, under jobs that are worth something. */
const failing = `${one.replace('detectAfter', '')}nodeLifecycle: {detectAfter: 10s, evictAfter: 10s}
failures:
  - {model: node, mtbf: 20m, repair: 3m}
`;

/** Two thirds of a zone of 30 nodes go silent, watched by Kubernetes' controllers. */
const silent = one
  .replace(
    'count: 4}',
    'count: 30, rackSize: 20}, {name: q, machineType: m, count: 10, zone: other}',
  )
  .replace(
    'policies:',
    `  - {name: web, kind: service, replicas: 30, pod: {cpu: 3, memory: 1Gi}}
nodeLifecycle: {controller: kubernetes, api: ideal}
failures:
  - {outage: rack/a/p/0, at: 1m, for: 1h}
policies:`,
  );

/** Two clusters of which one goes dark for twenty minutes. */
const dark = `${pair}failures:
  - {outage: cluster/a, at: 20m, for: 20m}
placement: {failoverAfter: 2m, returnAfter: 5m}
`;

/** More pods than one cluster takes. */
const crowded = one.replace('0.1/s', '0.2/s');

/** A service beside the jobs. */
const service = one.replace(
  'policies:',
  `  - {name: web, kind: service, replicas: 3, pod: {cpu: 500m, memory: 1Gi}}
policies:`,
);

/** A trace in Orrery's own format. */
const trace = one.replace('{poisson: 0.1/s}', '{trace: {format: csv, path: jobs.csv}}');

/** Six pods a job. */
const batch = one.replace('{poisson: 0.1/s}', '{poisson: 0.015/s}\n    podsPerJob: 6');

/** Two schedulers at work for two milliseconds a pod. */
const timed = `${pair}controlPlane: {attempt: 2s}\n`;

/** Nodes from a list. */
const listed = one.replace(
  '{name: p, machineType: m, count: 4}',
  '{name: p, nodes: {format: openb, path: nodes.csv}}',
);

/** Pods from a list, on nodes with GPUs. */
const replay = gpu.replace('{poisson: 0.1/s}', '{trace: {format: openb, path: pods.csv}}');

/** A scenario with an imported part. */
const parts = one.replace('horizon:', 'imports: [part.yaml]\nhorizon:');

/** Prices from catalogues. */
const stock = one
  .replace('fleet:\n', 'fleet:\n  catalog: cheap\n')
  .replace('{name: p, machineType: m, count: 4}', '{name: p, machineType: listed, count: 4}');

/** Four nodes in two zones, as Kubernetes schedules them. */
const kube = pools
  .replace('scheduling: first-fit', 'scheduling: kubernetes/default')
  .replace('{name: p, machineType: m, count: 2}', '{name: p, machineType: m, count: 2, zone: z1}')
  .replace('{name: q, machineType: n, count: 2}', '{name: q, machineType: n, count: 2, zone: z2}');

/** The same, with something of every kind of controller. */
const controllers = kube
  .replace(
    JOBS,
    `
  - {name: web, kind: deployment, replicas: 4, startup: 20s, pod: {cpu: 500m, memory: 256Mi}}
  - {name: db, kind: statefulset, replicas: 3, startup: 20s, pod: {cpu: 500m, memory: 256Mi}}
  - {name: agent, kind: daemonset, startup: 20s, pod: {cpu: 100m, memory: 64Mi}}
  - {name: batch, kind: kube-job, completions: 6, parallelism: 2, duration: 5m, pod: {cpu: 250m}}
  - {name: tick, kind: cronjob, schedule: "*/10 * * * *", duration: 15m, pod: {cpu: 100m}}`,
  )
  .replace('horizon: 1h', 'horizon: 2h');

/** Releases of its workloads, and a node that is drained. */
const rolling = `${controllers}rollouts:
  - {workload: web, at: 10m, pod: {cpu: 600m}}
  - {workload: db, at: 10m, pod: {cpu: 600m}}
  - {workload: agent, at: 10m, pod: {cpu: 200m}}
maintenance:
  - {target: pool/a/p, at: 30m}
`;

/** A deployment that an autoscaler follows its load with, on nodes that are drained under a budget. */
const scaled = kube
  .replace(
    JOBS,
    `
  - name: web
    kind: deployment
    replicas: 4
    startup: 20s
    pod:
      labels: {app: web}
      terminationGracePeriod: 10s
      containers: [{name: web, image: "r/web:1", requests: {cpu: 500m, memory: 256Mi}}]
loads: [{workload: web, milli: {steps: [{at: 0s, count: 2000}, {at: 15m, count: 5000}, {at: 30m, count: 800}]}}]
autoscalers: [{workload: web, minReplicas: 2, maxReplicas: 12, metrics: [{utilization: 80}]}]
budgets: [{name: web, selector: {matchLabels: {app: web}}, maxUnavailable: 1}]
maintenance: [{target: pool/a/p, at: 18m}]
imagePulls: {perSecond: 50Mi, images: {"r/web:1": 300Mi}}`,
  )
  .replace('horizon: 1h', 'horizon: 70m');

/** A cluster that kubectl printed. */
const snapshot = `orrery: 1
name: snapshot
question: What happens?
horizon: 2h
seed: 7
fleet: {clusters: [{name: a, snapshot: {files: cluster.yaml, duration: 5m, startup: 10s}}]}
failures: [{outage: node/n0, at: 5m, for: 30m}]
series: {every: 5m}
`;

/** Workloads as kubectl would apply them. */
const manifests = kube.replace(
  JOBS,
  '\n  - {name: files, kind: manifests, files: web.yaml, duration: 5m, startup: 10s}',
);

/** The base scenarios by name. */
export const BASES = {
  batch,
  controllers,
  crowded,
  dark,
  elastic,
  scaled,
  silent,
  failing,
  gpu,
  kube,
  listed,
  manifests,
  one,
  pair,
  parts,
  pools,
  replay,
  rolling,
  service,
  snapshot,
  stock,
  timed,
  trace,
} as const;

const nodeOf = (name: string, cpu: number): string => `
- apiVersion: v1
  kind: Node
  metadata: {name: ${name}, labels: {kubernetes.io/hostname: ${name}}}
  status: {allocatable: {cpu: "${cpu}", memory: 16Gi, pods: "110"}}`;

const webOf = (cpu: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, resources: {requests: {cpu: ${cpu}}}}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {completions: 4, template: {spec: {containers: [{name: once}], restartPolicy: Never}}}
`;

const listOf = (items: string): string => `apiVersion: v1\nkind: List\nitems:${items}\n`;

const catalogOf = (name: string, dollars: number): string =>
  `catalog: {name: ${name}, date: "2026-07-20", source: a test, currency: USD}
machineTypes:
  - {name: listed, cpu: 4, memory: 16Gi, prices: {owned: "$${dollars}/h"}}
`;

/** What the bases read, by file name. */
export const FILES: Readonly<Record<string, string>> = {
  'cheap.yaml': catalogOf('cheap', 1),
  'dear.yaml': catalogOf('dear', 2),
  'other.yaml': catalogOf('other', 3).replace('listed', 'unlisted'),
  'euro.yaml': catalogOf('euro', 1).replace('USD', 'EUR'),
  'cluster.yaml': listOf(nodeOf('n0', 4) + nodeOf('n1', 4)),
  'smaller.yaml': listOf(nodeOf('n0', 1) + nodeOf('n1', 2)),
  'third.yaml': listOf(nodeOf('n2', 4)),
  'web.yaml': webOf('1'),
  'larger.yaml': webOf('2'),
  'api.yaml': webOf('500m').replaceAll('web', 'api').replace('once', 'twice'),
  'claims.yaml': `apiVersion: v1
kind: PersistentVolume
metadata: {name: v}
spec: {accessModes: [ReadWriteMany], capacity: {storage: 1Gi}, claimRef: {namespace: default, name: c}, csi: {driver: d, volumeHandle: h}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: c}
spec: {accessModes: [ReadWriteMany], volumeName: v, resources: {requests: {storage: 1Gi}}}
---
${webOf('1').replace('spec: {containers', 'spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: c}}], containers')}`,
  'part.yaml': `workloads:\n  - {name: part, kind: service, replicas: 1, pod: {cpu: 1}}\n`,
  'jobs.csv': `submit_s,duration_s,pods,cpu_milli,memory_mib
10,600,2,1000,1024
20,300,1,500,1024
100,500,4,2000,1024
1000,,1,1000,2048
`,
  'other.csv': 'submit_s,duration_s,pods,cpu_milli,memory_mib\n10,100,1,1000,1024\n',
  'pods.csv': `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time
p0,1000,1024,1,1000,,LS,Running,0,100,0
p1,1000,1024,1,500,,LS,Running,10,200,10
p2,2000,1024,0,0,,BE,Running,20,300,20
`,
  'nodes.csv': `sn,cpu_milli,memory_mib,gpu,model
n0,4000,16384,2,T4
n1,4000,16384,2,T4
`,
  'more-nodes.csv': `sn,cpu_milli,memory_mib,gpu,model
n0,4000,16384,2,T4
n1,2000,16384,2,T4
`,
};
