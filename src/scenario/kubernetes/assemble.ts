/** Controllers and pods of Kubernetes' files become workloads, and pods that are there at the start. */
import type { Distribution } from '../../base/distribution.ts';
import type { JobWorkload, PodSpec, ServiceWorkload, Workload } from '../scenario.ts';
import type { RawPod } from '../schema.ts';
import type { WrittenObject } from './documents.ts';
import type { Fields } from './fields.ts';
import type { KubeInput } from './input.ts';
import type { Autoscaler, Controller, InitialPod } from './objects.ts';
import {
  both,
  ControllerReader,
  type FileSetting,
  namesOf,
  ownerOf,
  type ReadController,
} from './read-controllers.ts';
import { readAutoscaler } from './read-objects.ts';
import { type InUse, quantities } from './read-pod.ts';

/** Workloads of the files, and what belongs to them. */
export interface Assembled {
  readonly workloads: readonly Workload[];
  readonly controllers: readonly Controller[];
  readonly autoscalers: readonly Autoscaler[];
  readonly initialPods: readonly InitialPod[];
}

/** What files are assembled against. */
export interface AssemblySetting extends FileSetting {
  readonly horizonUs: number;
  /** Names of workloads that are taken; those of the files are added. */
  readonly taken: Set<string>;
  /** Pods as written, by workload. */
  readonly raws: Map<string, RawPod>;
  /** Says that run times are asked for and not given. */
  readonly missDuration: () => void;
}

const KINDS: Readonly<Record<string, Controller['kind']>> = {
  Deployment: 'deployment',
  ReplicaSet: 'replicaset',
  StatefulSet: 'statefulset',
  DaemonSet: 'daemonset',
  Job: 'kube-job',
  CronJob: 'cronjob',
};
const FOREVER: Distribution = { law: 'constant', value: Number.POSITIVE_INFINITY };
const BACKOFF_US = { base: 10_000_000, cap: 600_000_000 };

/** Pods of one owner that nobody makes again, or that somebody unknown does. */
interface Group {
  readonly name: string;
  readonly namespace: string;
  readonly pod: PodSpec;
  /** True: pods without an owner, which nobody replaces. */
  readonly isBare: boolean;
  count: number;
}

/** Assembles one input. */
export function assemble(input: KubeInput, setting: AssemblySetting): Assembled {
  return new Assembly(input, setting).run();
}

class Assembly {
  private readonly input: KubeInput;
  private readonly setting: AssemblySetting;
  private readonly reader: ControllerReader;
  private readonly controllers: Controller[] = [];
  /** By `kind/namespace/name`. */
  private readonly byObject = new Map<string, Controller>();
  private readonly groups = new Map<string, Group>();
  private readonly pods: InitialPod[] = [];
  /** `namespace/name` of a ReplicaSet or Job to the key of what owns it. */
  private readonly owners = new Map<string, string>();

  constructor(input: KubeInput, setting: AssemblySetting) {
    this.input = input;
    this.setting = setting;
    this.reader = new ControllerReader(input, setting, input.latestUs());
  }

  run(): Assembled {
    this.readOwners();
    for (const read of this.reader.all()) this.takeController(read);
    this.input.each('Pod', (fields, object) => this.takePod(fields, object));
    const counts = new Map<string, number>();
    for (const { workload, leavesAfterUs } of this.pods) {
      if (leavesAfterUs === null) counts.set(workload, (counts.get(workload) ?? 0) + 1);
    }
    const workloads = [
      ...this.controllers.map((controller) => this.workloadOf(controller, counts)),
      ...[...this.groups.values()].map((group) => this.groupWorkload(group)),
    ];
    return {
      workloads,
      controllers: this.controllers,
      autoscalers: this.readAutoscalers(),
      initialPods: this.pods,
    };
  }

  private readOwners(): void {
    for (const [kind, ownerKind] of [
      ['ReplicaSet', 'Deployment'],
      ['Job', 'CronJob'],
    ] as const) {
      for (const object of this.input.objects(kind)) {
        const owner = ownerOf(object);
        if (owner?.kind !== ownerKind) continue;
        const { name, namespace } = namesOf(object);
        this.owners.set(`${kind}/${namespace}/${name}`, `${ownerKind}/${namespace}/${owner.name}`);
      }
    }
  }

  private takeController({ controller: read, raw }: ReadController): void {
    const kind = Object.keys(KINDS).find((key) => KINDS[key] === read.kind)!;
    const workload = this.nameFor(read.namespace, read.name, kind);
    const controller = { ...read, workload };
    this.setting.raws.set(workload, raw);
    this.controllers.push(controller);
    this.byObject.set(`${kind}/${read.namespace}/${read.name}`, controller);
  }

  /** A name that no other workload has: of the namespace and the object, then of its kind and cluster too. */
  private nameFor(namespace: string, name: string, kind: string): string {
    const { taken } = this.setting;
    const base = `${namespace}/${name}`;
    const candidates = [base, `${base}.${kind.toLowerCase()}`, `${this.input.use.cluster}/${base}`];
    let found = candidates.find((candidate) => !taken.has(candidate));
    for (let i = 2; found === undefined; i++) {
      if (!taken.has(`${candidates[2]}-${i}`)) found = `${candidates[2]}-${i}`;
    }
    taken.add(found);
    return found;
  }

  private takePod(fields: Fields, object: WrittenObject): true | null {
    const { losses } = this.input;
    const status = readStatus(fields);
    if (status.isDone) {
      losses.note('pods that have ended: left out');
      return null;
    }
    const metadata = fields.map('metadata').ignore('ownerReferences', 'finalizers');
    const { name, namespace } = namesOf(object);
    metadata.ignore('name', 'namespace');
    const spec = fields.map('spec');
    const inUse = inUseOf(fields.map('status'));
    const read = this.reader.pod(metadata, spec, { namespace, inUse });
    const node = spec.text('nodeName') || null;
    const hash = metadata.texts('labels')['pod-template-hash'];
    const owner = this.ownerOfPod(object, namespace, hash);
    const pod = owner.controller ? withOwner(read, owner.controller, hash) : read;
    const workload = owner.controller?.workload ?? this.groupOf(owner, { pod, namespace, name });
    this.pods.push({
      cluster: this.input.use.cluster,
      namespace,
      name,
      workload,
      pod,
      node,
      startedAtUs: status.hasStarted ? this.reader.ago(fields.map('status'), 'startTime') : null,
      createdAtUs: this.reader.ago(metadata, 'creationTimestamp'),
      isReady: status.isReady,
      leavesAfterUs: leavesAfter(metadata, node, pod),
      nominatedNode: status.nominatedNode,
      owner: owner.name,
    });
    return true;
  }

  private ownerOfPod(object: WrittenObject, namespace: string, hash: string | undefined) {
    const owner = ownerOf(object);
    if (owner === null || owner.kind === 'Node') return { controller: null, name: null, key: null };
    const own = `${owner.kind}/${namespace}/${owner.name}`;
    let key = this.owners.get(own) ?? own;
    const suffix = `-${hash}`;
    if (!this.byObject.has(key) && owner.kind === 'ReplicaSet' && owner.name.endsWith(suffix)) {
      key = `Deployment/${namespace}/${owner.name.slice(0, -suffix.length)}`;
    }
    const controller = this.byObject.get(key) ?? null;
    if (controller === null) {
      const { losses } = this.input;
      losses.note(
        `pods whose ${owner.kind} is not in the files: replaced as long as they are there`,
      );
    }
    return { controller, name: owner.name, key: own };
  }

  /** The group of a pod without a controller that was read: by its owner, or of bare pods that are alike. */
  private groupOf(
    owner: { readonly name: string | null; readonly key: string | null },
    what: { readonly pod: PodSpec; readonly namespace: string; readonly name: string },
  ): string {
    const { pod, namespace } = what;
    const key = owner.key ?? `bare\n${namespace}\n${JSON.stringify(pod)}`;
    let group = this.groups.get(key);
    if (group === undefined) {
      const name = this.nameFor(namespace, owner.name ?? what.name, 'pods');
      group = { name, namespace, pod, isBare: owner.key === null, count: 0 };
      this.groups.set(key, group);
    }
    group.count++;
    return group.name;
  }

  private workloadOf(controller: Controller, counts: ReadonlyMap<string, number>): Workload {
    const { workload: name, namespace, template: pod } = controller;
    const { kind } = controller;
    if (kind === 'kube-job' || kind === 'cronjob') {
      const { durationUs } = this.input.use;
      if (durationUs === null) this.setting.missDuration();
      return this.jobLike({ name, namespace, pod }, durationUs ?? FOREVER, null);
    }
    const there = counts.get(name) ?? 0;
    return this.serviceLike(
      { name, namespace, pod },
      kind === 'daemonset' ? there : controller.replicas,
    );
  }

  private groupWorkload(group: Group): Workload {
    return group.isBare ? this.jobLike(group, FOREVER, 0) : this.serviceLike(group, group.count);
  }

  private common({ name, namespace, pod }: Pick<Group, 'name' | 'namespace' | 'pod'>) {
    return {
      name,
      team: namespace,
      pod,
      onEviction: { kind: 'restart' as const },
      retryBackoffUs: BACKOFF_US,
      startupUs: this.input.use.startupUs,
      cluster: this.input.use.cluster,
      isControlled: true,
    };
  }

  private serviceLike(
    of: Pick<Group, 'name' | 'namespace' | 'pod'>,
    count: number,
  ): ServiceWorkload {
    return {
      kind: 'service',
      ...this.common(of),
      retryLimit: null,
      replicas: { kind: 'constant', count },
    };
  }

  private jobLike(
    of: Pick<Group, 'name' | 'namespace' | 'pod'>,
    durationUs: Distribution,
    retryLimit: number | null,
  ): JobWorkload {
    return {
      kind: 'job',
      ...this.common(of),
      retryLimit,
      arrivals: { kind: 'none' },
      podsPerJob: { law: 'constant', value: 1 },
      durationUs,
      durationPerJob: false,
      estimateFactor: 1,
      onRefusal: 'wait',
      fromUs: 0,
      untilUs: this.setting.horizonUs,
    };
  }

  private readAutoscalers(): Autoscaler[] {
    return this.input.each('HorizontalPodAutoscaler', (fields) => {
      const { target, ...read } = readAutoscaler(fields, this.input.use.cluster);
      const controller = this.byObject.get(`${target.kind}/${read.namespace}/${target.name}`);
      if (controller === undefined) {
        this.input.losses.note('autoscalers whose target is not in the files: left out');
        return null;
      }
      return { ...read, workload: controller.workload };
    });
  }
}

interface PodStatus {
  readonly isDone: boolean;
  readonly isReady: boolean;
  readonly hasStarted: boolean;
  readonly nominatedNode: string | null;
}

function readStatus(fields: Fields): PodStatus {
  const status = fields.map('status');
  status.ignore('podIP', 'podIPs', 'hostIP', 'hostIPs', 'qosClass', 'message', 'reason');
  status.ignore('observedGeneration', 'resize', 'ephemeralContainerStatuses', 'startTime');
  const phase = status.text('phase') ?? 'Pending';
  let isReady = false;
  for (const condition of status.ignore('conditions').list('conditions')) {
    condition.ignore('lastProbeTime', 'lastTransitionTime', 'message', 'reason');
    condition.ignore('observedGeneration');
    const isReadyNow = condition.text('status') === 'True';
    if (condition.text('type') === 'Ready') isReady = isReadyNow;
  }
  return {
    isDone: phase === 'Succeeded' || phase === 'Failed',
    isReady,
    hasStarted: status.has('startTime'),
    nominatedNode: status.text('nominatedNodeName') || null,
  };
}

/** Requests in force, by container: what a resized pod holds may be more than its spec says. */
function inUseOf(status: Fields): InUse {
  const inUse = new Map<string, Record<string, string | number>[]>();
  for (const field of ['containerStatuses', 'initContainerStatuses']) {
    for (const container of status.list(field)) {
      container.ignore('containerID', 'image', 'imageID', 'lastState', 'ready', 'restartCount');
      container.ignore('started', 'state', 'volumeMounts', 'user', 'allocatedResourcesStatus');
      container.ignore('stopSignal');
      const resources = container.map('resources').ignore('limits', 'claims');
      const held = [quantities(container, 'allocatedResources'), quantities(resources, 'requests')];
      const name = container.name();
      const known = held.filter((one) => one !== undefined);
      if (known.length > 0) inUse.set(name, known);
    }
  }
  return inUse;
}

/** Time until a pod that is being deleted is gone; null for others. One without a node is gone at once. */
function leavesAfter(metadata: Fields, node: string | null, pod: PodSpec): number | null {
  const graceSeconds = metadata.whole('deletionGracePeriodSeconds');
  if (metadata.text('deletionTimestamp') === undefined) return null;
  if (node === null) return 0;
  return graceSeconds === undefined ? (pod.kube?.terminationGraceUs ?? 0) : graceSeconds * 1e6;
}

/** The pod with what its controller's selector adds to default spreading. */
function withOwner(pod: PodSpec, controller: Controller, hash: string | undefined): PodSpec {
  const { kube } = pod;
  const isSpread = ['deployment', 'replicaset', 'statefulset'].includes(controller.kind);
  if (kube === undefined || !isSpread) return pod;
  const own =
    controller.kind === 'deployment' && hash !== undefined
      ? both(controller.selector, [{ key: 'pod-template-hash', operator: 'In', values: [hash] }])
      : controller.selector;
  const defaultSpreadSelector = both(kube.defaultSpreadSelector, own);
  return { ...pod, kube: { ...kube, defaultSpreadSelector } };
}
