import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../../src/base/errors.ts';
import { documents, loadManifests, loadSnapshot, nodeText } from '../../../builders/kube-files.ts';

const GIB = 1_073_741_824;

const POD = `{metadata: {labels: {app: web}}, spec: {containers: [{name: web, resources: {requests: {cpu: 1}}}]}}`;
const deployment = (fields = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {replicas: 3, selector: {matchLabels: {app: web}}, template: ${POD}${fields}}
`;
const replicaSet = `apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-abc
  namespace: shop
  annotations: {deployment.kubernetes.io/revision: "4"}
  ownerReferences: [{kind: Deployment, name: web, controller: true}]
spec:
  replicas: 3
  selector: {matchLabels: {app: web, pod-template-hash: abc}}
  template: ${POD.replace('{app: web}', '{app: web, pod-template-hash: abc}')}
`;
const pod = (name: string, node: string, more = ''): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
  labels: {app: web, pod-template-hash: abc}
  creationTimestamp: "2026-07-20T08:00:00Z"
  ownerReferences: [{kind: ReplicaSet, name: web-abc, controller: true}]
spec: {${node === '' ? '' : `nodeName: ${node}, `}containers: [{name: web, resources: {requests: {cpu: 1}}}]}
status: {phase: ${node === '' ? 'Pending' : 'Running'}${more}}
`;
const started = ', startTime: "2026-07-20T08:30:00Z", conditions: [{type: Ready, status: "True"}]';

describe('the nodes of a snapshot', () => {
  it('become pools of nodes that are alike, with what only some of them have beside each', () => {
    const { clusters, machineTypes } = loadSnapshot(
      documents(
        nodeText('n0', '', ', disk: ssd, topology.kubernetes.io/zone: z1'),
        nodeText('n1', '', ', disk: ssd, topology.kubernetes.io/zone: z2'),
        nodeText('n2', '', ', topology.kubernetes.io/zone: z1'),
        nodeText('n3', 'unschedulable: true', ', topology.kubernetes.io/zone: z1'),
        deployment(),
      ),
    );
    const { pools } = clusters[0]!;
    expect(pools.map(({ name, zone, nodes }) => [name, zone, nodes!.map((n) => n.name)])).toEqual([
      ['node', 'z1', ['n0', 'n2']],
      ['node-z2', 'z2', ['n1']],
      ['node-z1', 'z1', ['n3']],
    ]);
    expect(pools[0]!.labels).toEqual({ 'topology.kubernetes.io/zone': 'z1' });
    expect(pools[0]!.nodes![0]).toMatchObject({
      order: 0,
      labels: { disk: 'ssd', 'kubernetes.io/hostname': 'n0' },
    });
    expect(pools[2]).toMatchObject({
      unschedulable: true,
      taints: [{ key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' }],
    });
    expect(machineTypes).toMatchObject([{ cpuMillicores: 3920, memoryBytes: 16 * GIB, pods: 110 }]);
  });

  it('keep images that some pod names, GPUs as devices, and limits of volumes', () => {
    const node = `apiVersion: v1
kind: Node
metadata: {name: n0, labels: {nvidia.com/gpu.product: A100}}
status:
  allocatable: {cpu: 4, memory: 16Gi, pods: 10, nvidia.com/gpu: 4, example.com/fpga: 2}
  images: [{names: [r/web], sizeBytes: 900}, {names: ["r/other:1"], sizeBytes: 800}]
`;
    const csi = `kind: CSINode
metadata: {name: n0}
spec: {drivers: [{name: d, nodeID: x, allocatable: {count: 25}}]}
`;
    const named = deployment().replace(
      'name: web, resources',
      'name: web, image: r/web, resources',
    );
    const { clusters, machineTypes } = loadSnapshot(documents(node, csi, named));
    expect(machineTypes[0]).toMatchObject({
      gpus: { model: 'A100', count: 4 },
      extended: { 'example.com/fpga': 2 },
    });
    expect(clusters[0]!.pools[0]).toMatchObject({
      volumeLimits: { d: 25 },
      nodes: [{ images: { 'r/web:latest': 900 } }],
    });
  });
});

describe('the pods of a snapshot', () => {
  const text = documents(
    nodeText('n0'),
    deployment(),
    replicaSet,
    pod('web-abc-1', 'n0', started),
    pod('web-abc-2', ''),
    pod('web-abc-3', 'n0', started)
      .replace(
        'creationTimestamp',
        'deletionTimestamp: "2026-07-20T09:00:30Z", deletionGracePeriodSeconds: 30, creationTimestamp',
      )
      .replace(/metadata:\n {2}name/, 'metadata:\n  name')
      .replace(
        '  deletionTimestamp: "2026-07-20T09:00:30Z", deletionGracePeriodSeconds: 30, creationTimestamp',
        '  deletionTimestamp: "2026-07-20T09:00:00Z"\n  deletionGracePeriodSeconds: 30\n  creationTimestamp',
      ),
    pod('web-abc-4', 'n0').replace('phase: Running', 'phase: Succeeded'),
  );

  it('belong to the workload of their Deployment, on their nodes or in the queue', () => {
    const { kubernetes, workloads } = loadSnapshot(text);
    expect(workloads.map(({ name, team, cluster }) => [name, team, cluster])).toEqual([
      ['shop/web', 'shop', 'a'],
    ]);
    expect(
      kubernetes!.initialPods.map(({ name, node, owner, startedAtUs, leavesAfterUs }) => ({
        name,
        node,
        owner,
        startedAtUs,
        leavesAfterUs,
      })),
    ).toEqual([
      // The latest instant of the file is 08:30, half an hour after the creation: time 0.
      { name: 'web-abc-1', node: 'n0', owner: 'web-abc', startedAtUs: 0, leavesAfterUs: null },
      { name: 'web-abc-2', node: null, owner: 'web-abc', startedAtUs: null, leavesAfterUs: null },
      { name: 'web-abc-3', node: 'n0', owner: 'web-abc', startedAtUs: 0, leavesAfterUs: 30e6 },
    ]);
    expect(kubernetes!.initialPods[0]!.createdAtUs).toBe(-1800e6);
    expect(kubernetes!.inputs[0]!.notes).toEqual([
      { note: 'pods that have ended: left out', count: 1 },
    ]);
  });

  it('have a revision whose template equals that of the Deployment, so that nothing is rolled', () => {
    const [web] = loadSnapshot(text).kubernetes!.controllers;
    expect(web).toMatchObject({ kind: 'deployment', replicas: 3 });
    const { revisions, template } = web as Extract<typeof web, { kind: 'deployment' }>;
    expect(revisions).toMatchObject([{ name: 'web-abc', number: 4, replicas: 3 }]);
    expect(revisions[0]!.template).toEqual(template);
  });

  it('wait in the queue if their node has no room for them, and that is told', () => {
    const many = Array.from({ length: 5 }, (_, i) => pod(`web-abc-${i}`, 'n0', started));
    const { kubernetes } = loadSnapshot(
      documents(nodeText('n0'), deployment(), replicaSet, ...many),
    );
    // 3 x 1000m fit on 3920m, the fourth does not.
    expect(kubernetes!.initialPods.map(({ node }) => node)).toEqual(['n0', 'n0', 'n0', null, null]);
    expect(kubernetes!.inputs[0]!.notes[0]).toMatchObject({ count: 2 });
  });

  it('without an owner are lost if they are evicted; with an unknown one they come back', () => {
    const bare = pod('lone', 'n0', started).replace(/ {2}ownerReferences.*\n/, '');
    const other = pod('other', 'n0', started).replace(
      'kind: ReplicaSet, name: web-abc',
      'kind: Rollout, name: r',
    );
    const { workloads } = loadSnapshot(documents(nodeText('n0'), bare, other));
    expect(workloads.map(({ name, kind, retryLimit }) => [name, kind, retryLimit])).toEqual([
      ['shop/lone', 'job', 0],
      ['shop/r', 'service', null],
    ]);
  });
});

describe('kinds of workloads', () => {
  const of = (kind: string, spec: string, api = 'apps/v1') =>
    `apiVersion: ${api}\nkind: ${kind}\nmetadata: {name: x}\nspec: {${spec}}\n`;
  const TEMPLATE = `template: ${POD}`;

  it.each([
    [
      'Deployment',
      'deployment',
      `${TEMPLATE}, selector: {matchLabels: {app: web}}, strategy: {type: Recreate}`,
      { strategy: { kind: 'recreate' } },
    ],
    [
      'ReplicaSet',
      'replicaset',
      `${TEMPLATE}, replicas: 2, selector: {matchLabels: {app: web}}`,
      { replicas: 2 },
    ],
    [
      'StatefulSet',
      'statefulset',
      `${TEMPLATE}, serviceName: x, podManagementPolicy: Parallel, ordinals: {start: 2}, updateStrategy: {rollingUpdate: {partition: 1}}, selector: {matchLabels: {app: web}}`,
      { isParallel: true, firstOrdinal: 2, update: { kind: 'rolling-update', partition: 1 } },
    ],
    [
      'DaemonSet',
      'daemonset',
      `${TEMPLATE}, selector: {matchLabels: {app: web}}, updateStrategy: {rollingUpdate: {maxUnavailable: 30%}}`,
      { update: { kind: 'rolling-update', maxUnavailable: { kind: 'percent', percent: 30 } } },
    ],
    [
      'Job',
      'kube-job',
      `${TEMPLATE}, parallelism: 3`,
      { job: { completions: null, parallelism: 3, backoffLimit: 6 } },
    ],
    [
      'CronJob',
      'cronjob',
      `schedule: "*/20 1-2 * * mon", concurrencyPolicy: Forbid, jobTemplate: {spec: {backoffLimit: 1, ${TEMPLATE}}}`,
      {
        concurrency: 'Forbid',
        job: { completions: 1, backoffLimit: 1 },
        schedule: { minutes: [0, 20, 40], hours: [1, 2], daysOfWeek: [1], isEitherDay: false },
      },
    ],
  ])('%s', (kind, expected, spec, fields) => {
    const { kubernetes, workloads } = loadManifests(of(kind, spec), ', duration: 5m');
    expect(kubernetes!.controllers).toMatchObject([
      { kind: expected, workload: 'default/x', ...fields },
    ]);
    expect(workloads).toMatchObject([{ name: 'default/x', isControlled: true }]);
    expect(kubernetes!.inputs).toMatchObject([
      { read: [{ kind, count: 1 }], ignored: [], fields: [] },
    ]);
  });

  it('Job asks for the run time of its pods, which Kubernetes does not say', () => {
    expect(() => loadManifests(of('Job', TEMPLATE, 'batch/v1'))).toThrow(
      /workloads\[0\].*duration.*how long their pods run/,
    );
  });

  it('DaemonSet has the tolerations that its controller adds', () => {
    const [daemon] = loadManifests(
      of('DaemonSet', `${TEMPLATE}, selector: {matchLabels: {app: web}}`),
    ).kubernetes!.controllers;
    expect(daemon!.template.tolerations.map(({ key }) => key)).toContain(
      'node.kubernetes.io/unschedulable',
    );
  });
});

describe('other kinds', () => {
  it('are read as what they are', () => {
    const text = documents(
      deployment(),
      'kind: PodDisruptionBudget\nmetadata: {name: b, namespace: shop}\nspec: {minAvailable: 50%, selector: {matchLabels: {app: web}}}\n',
      'kind: HorizontalPodAutoscaler\nmetadata: {name: h, namespace: shop}\nspec: {scaleTargetRef: {kind: Deployment, name: web}, maxReplicas: 9, targetCPUUtilizationPercentage: 70}\n',
      'kind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}}\n',
      'kind: Namespace\nmetadata: {name: shop, labels: {team: t}}\n',
      'kind: PriorityClass\nmetadata: {name: vip}\nvalue: 500\nglobalDefault: true\npreemptionPolicy: Never\n',
      'kind: PersistentVolume\nmetadata: {name: v}\nspec: {capacity: {storage: 2Gi}, accessModes: [ReadWriteOnce], csi: {driver: d, volumeHandle: h}, claimRef: {namespace: shop, name: c}}\n',
      'kind: PersistentVolumeClaim\nmetadata: {name: c, namespace: shop}\nspec: {volumeName: v, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n',
      'kind: StorageClass\nmetadata: {name: fast}\nprovisioner: d\nvolumeBindingMode: WaitForFirstConsumer\n',
    );
    const { kubernetes, priorityClasses, workloads } = loadManifests(text);
    expect(kubernetes).toMatchObject({
      budgets: [
        { name: 'b', minAvailable: { kind: 'percent', percent: 50 }, maxUnavailable: null },
      ],
      autoscalers: [{ workload: 'shop/web', minReplicas: 1, maxReplicas: 9, behavior: null }],
      services: [{ namespace: 'shop', selector: { app: 'web' } }],
      namespaces: [{ name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop', team: 't' } }],
      volumes: {
        claims: [{ name: 'c', volume: 'v', requestBytes: GIB }],
        persistent: [{ name: 'v', driver: 'd', capacityBytes: 2 * GIB, claim: 'shop/c' }],
        classes: [{ name: 'fast', waitsForConsumer: true, provisioner: 'd' }],
      },
    });
    expect(priorityClasses.vip).toBe(500);
    // The class is the default of all pods, whose pods never preempt; the service selects them, as their controller does.
    expect(workloads[0]!.pod).toMatchObject({
      priorityClass: 'vip',
      priority: 500,
      kube: {
        preemptionPolicy: 'Never',
        defaultSpreadSelector: [{ key: 'app', operator: 'In', values: ['web'] }],
      },
    });
  });

  it('configure the scheduler of their cluster', () => {
    const config =
      'kind: KubeSchedulerConfiguration\nparallelism: 16\npercentageOfNodesToScore: 50\n';
    const { clusters, kubernetes } = loadSnapshot(documents(nodeText('n0'), deployment(), config));
    expect(clusters[0]!.scheduling).toEqual({
      use: 'kubernetes/default',
      params: { percentageOfNodesToScore: 50 },
    });
    expect(kubernetes!.inputs[0]!.fields).toEqual([
      { kind: 'KubeSchedulerConfiguration', field: 'parallelism', count: 1 },
    ]);
  });
});

describe('what is not modelled', () => {
  it('is counted by kind and by field, wherever in a list it stands', () => {
    const probes = deployment().replaceAll(
      'name: web, resources',
      'name: web, livenessProbe: {exec: {}}, lifecycle: {}, command: [run], resources',
    );
    const text = documents(
      probes,
      probes.replace('name: web', 'name: api'),
      'kind: ConfigMap\nmetadata: {name: c}\n',
    );
    expect(loadManifests(text).kubernetes!.inputs).toEqual([
      {
        cluster: 'a',
        files: ['files.yaml'],
        read: [{ kind: 'Deployment', count: 2 }],
        ignored: [{ kind: 'ConfigMap', count: 1 }],
        fields: [
          { kind: 'Deployment', field: 'spec.template.spec.containers[].lifecycle', count: 2 },
          { kind: 'Deployment', field: 'spec.template.spec.containers[].livenessProbe', count: 2 },
        ],
        notes: [],
      },
    ]);
  });
});

describe('files that are wrong', () => {
  const issuesOf = (load: () => unknown): readonly string[] => {
    try {
      load();
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      expect(error.exitCode).toBe(3);
      return error.message.split('\n');
    }
    throw new Error('nothing was refused');
  };

  it.each([
    [
      'a quantity',
      deployment().replace('cpu: 1', 'cpu: lots'),
      /^files\.yaml:4:\d+ spec\.template\.spec\.containers\[0\]\.resources\.requests\.cpu: expected a quantity/,
    ],
    [
      'an operator',
      deployment(', minReadySeconds: soon'),
      /^files\.yaml:4:\d+ spec\.minReadySeconds: expected a whole number/,
    ],
    [
      'a second document',
      documents(deployment(), deployment('').replace('name: web', 'name: [x]')),
      /document 2: metadata\.name: /,
    ],
    [
      'a list item',
      `kind: List\nitems:\n- kind: PriorityClass\n  metadata: {name: p}\n`,
      /^files\.yaml:3:3 items\[0\]\.value: expected a priority/,
    ],
    [
      'two of one name',
      documents(deployment(), deployment()),
      /document 2: metadata\.name: got "web", expected Deployments whose names differ/,
    ],
    [
      'no kind',
      'metadata: {name: x}\n',
      /^files\.yaml:1:1 expected an object of Kubernetes \(add its kind\)/,
    ],
    ['no map', '- 1\n', /^files\.yaml:1:1 expected an object of Kubernetes: a map/],
    ['no YAML', 'a: [\n', /^files\.yaml:\d+:\d+ expected valid YAML/],
    [
      'a name that could steer',
      deployment().replace('name: web', 'name: "a b"'),
      /metadata\.name: got "a b", expected a name of letters/,
    ],
    [
      'an unknown class',
      deployment().replace('spec: {containers', 'spec: {priorityClassName: nope, containers'),
      /spec\.template\.spec\.priorityClassName: expected a priority class/,
    ],
  ])('say so at %s, with file, document and line', (_, text, message) => {
    expect(issuesOf(() => loadManifests(text)).join('\n')).toMatch(message);
  });

  it('say the line of JSON too', () => {
    const text = JSON.stringify(
      { kind: 'PriorityClass', metadata: { name: 'p' }, value: 'high' },
      null,
      1,
    );
    expect(issuesOf(() => loadManifests(text))[0]).toBe(
      'files.yaml:6:11 value: got "high", expected a whole number',
    );
  });

  it('say that there is no node in a snapshot', () => {
    expect(issuesOf(() => loadSnapshot(deployment()))[0]).toMatch(
      /expected files with at least one Node/,
    );
  });
});
