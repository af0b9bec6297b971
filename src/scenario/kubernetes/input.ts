/** Files of Kubernetes objects for one cluster: reads them, sorts the objects by kind, and reads all but workloads and pods. */
import type { Distribution } from '../../base/distribution.ts';
import type { Issue } from '../../base/errors.ts';
import type { Path } from '../located.ts';
import { readObjects, type WrittenObject } from './documents.ts';
import { Fields, type Findings } from './fields.ts';
import { Losses } from './losses.ts';
import type { KubeNamespace, KubernetesObjects, KubeService } from './objects.ts';
import { type ReadNode, readNode } from './read-node.ts';
import {
  type ReadPriorityClass,
  readBudget,
  readClaim,
  readCsiNode,
  readNamespace,
  readPriorityClass,
  readService,
  readStorageClass,
  readVolume,
} from './read-objects.ts';
import { parseTimestamp } from './time.ts';

/** What a scenario says of the files. */
export interface InputUse {
  readonly cluster: string;
  /** Where the scenario names them. */
  readonly path: Path;
  /** True for a snapshot: its nodes are the cluster, its pods are there at the start. */
  readonly isSnapshot: boolean;
  /** Run time of the pods of Jobs; null if it is not given. */
  readonly durationUs: Distribution | null;
  readonly startupUs: Distribution;
}

/** Kinds that make pods, and pods. */
export const WORKLOAD_KINDS = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'Pod',
  'HorizontalPodAutoscaler',
] as const;

const OTHER_KINDS = [
  'Node',
  'CSINode',
  'PriorityClass',
  'PodDisruptionBudget',
  'Namespace',
  'Service',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StorageClass',
  'KubeSchedulerConfiguration',
] as const;

const KNOWN: ReadonlySet<string> = new Set([...WORKLOAD_KINDS, ...OTHER_KINDS]);

/** Fields of a scheduler's configuration that decide something here. */
const SCHEDULER_FIELDS = [
  'percentageOfNodesToScore',
  'podInitialBackoffSeconds',
  'podMaxBackoffSeconds',
  'profiles',
] as const;

/** The files of one cluster, or of one entry of manifests. */
export class KubeInput {
  readonly use: InputUse;
  readonly losses = new Losses();
  readonly findings: Findings;
  private readonly byKind = new Map<string, WrittenObject[]>();

  /** @param note takes what is wrong with the files */
  constructor(use: InputUse, note: (issue: Issue) => void) {
    this.use = use;
    this.findings = { losses: this.losses, issue: note };
  }

  /** Takes the objects of a file. */
  add(text: string, file: string): void {
    const { objects, issues } = readObjects(text, file);
    for (const issue of issues) this.findings.issue(issue);
    for (const object of objects) {
      if (!KNOWN.has(object.kind)) {
        this.losses.ignored(object.kind);
        continue;
      }
      const list = this.byKind.get(object.kind);
      if (list) list.push(object);
      else this.byKind.set(object.kind, [object]);
    }
  }

  /** Objects of a kind, in the order of the files. */
  objects(kind: string): readonly WrittenObject[] {
    return this.byKind.get(kind) ?? [];
  }

  /**
   * Reads every object of a kind once; what `read` did not ask for is lost. Two objects of one name are an issue.
   *
   * @param read null leaves the object out, which `read` has noted
   */
  each<T>(kind: string, read: (fields: Fields, object: WrittenObject) => T | null): T[] {
    const seen = new Set<string>();
    return this.objects(kind).flatMap((object) => {
      const fields = Fields.of(object, this.findings);
      const metadata = object.fields.metadata as
        | { name?: unknown; namespace?: unknown }
        | undefined;
      const id = `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
      if (seen.has(id) && metadata?.name !== undefined) {
        fields.map('metadata').fail('name', `${kind}s whose names differ`);
        return [];
      }
      seen.add(id);
      if (!isObjectName(metadata?.name) || !isObjectName(metadata?.namespace)) {
        const expected = 'a name of letters, digits and . _ : -, as Kubernetes has them';
        fields.map('metadata').fail(isObjectName(metadata?.name) ? 'namespace' : 'name', expected);
        return [];
      }
      const result = read(fields, object);
      if (result === null) return [];
      fields.finish();
      this.losses.read(kind);
      return [result];
    });
  }

  /** The nodes, in the order of the files. */
  nodes(): { nodes: ReadNode[]; volumeLimits: Map<string, Record<string, number>> } {
    if (!this.use.isSnapshot) {
      for (const kind of ['Node', 'CSINode']) {
        for (const _ of this.objects(kind)) this.losses.ignored(`${kind} (in manifests)`);
      }
      return { nodes: [], volumeLimits: new Map() };
    }
    const volumeLimits = new Map(
      this.each('CSINode', readCsiNode)
        .filter(({ limits }) => Object.keys(limits).length > 0)
        .map(({ node, limits }) => [node, limits] as const),
    );
    return { nodes: this.each('Node', (fields) => readNode(fields, this.losses)), volumeLimits };
  }

  /** Priority classes. */
  priorityClasses(): ReadPriorityClass[] {
    return this.each('PriorityClass', readPriorityClass);
  }

  /** Services that select pods. */
  services(): KubeService[] {
    return this.each('Service', (fields) => readService(fields, this.use.cluster));
  }

  /** Namespaces. */
  namespaces(): KubeNamespace[] {
    return this.each('Namespace', (fields) => readNamespace(fields, this.use.cluster));
  }

  /** Budgets and storage. */
  others(): Pick<KubernetesObjects, 'budgets' | 'volumes'> {
    const { cluster } = this.use;
    return {
      budgets: this.each('PodDisruptionBudget', (fields) => readBudget(fields, cluster)),
      volumes: {
        claims: this.each('PersistentVolumeClaim', (fields) => readClaim(fields, cluster)),
        persistent: this.each('PersistentVolume', (fields) => readVolume(fields, cluster)),
        classes: this.each('StorageClass', (fields) => readStorageClass(fields, cluster)),
      },
    };
  }

  /** The scheduler's configuration as parameters of `kubernetes/default`; null if there is none. */
  schedulerConfig(): Record<string, unknown> | null {
    const [config = null, ...more] = this.each('KubeSchedulerConfiguration', (fields) => {
      const params: Record<string, unknown> = {};
      for (const key of SCHEDULER_FIELDS) if (fields.has(key)) params[key] = fields.any(key);
      return params;
    });
    if (more.length > 0) this.losses.note('configurations of schedulers after the first: left out');
    return config;
  }

  /** Names of the images that pods and templates name. */
  images(): Set<string> {
    const images = new Set<string>();
    for (const kind of WORKLOAD_KINDS) {
      for (const { fields } of this.objects(kind)) collectImages(fields.spec, images);
    }
    return images;
  }

  /** The latest instant that anything in the files speaks of, microseconds since 1970: the instant of a snapshot. */
  latestUs(): number {
    let latest = 0;
    for (const objects of this.byKind.values()) {
      for (const { fields } of objects) {
        for (const text of instantsOf(fields)) {
          const at = typeof text === 'string' ? parseTimestamp(text) : null;
          if (at !== null && at > latest) latest = at;
        }
      }
    }
    return latest;
  }
}

const OBJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,252}$/;

/** True for a name that can be part of a label or a path; whether there must be one is for others to say. */
function isObjectName(name: unknown): boolean {
  return name === undefined || (typeof name === 'string' && OBJECT_NAME.test(name));
}

/** Instants that lie in the past of the moment at which an object was printed. */
function instantsOf(fields: Readonly<Record<string, unknown>>): unknown[] {
  const { metadata, status } = fields as { metadata?: Loose; status?: Loose };
  const conditions = Array.isArray(status?.conditions) ? (status.conditions as Loose[]) : [];
  return [
    metadata?.creationTimestamp,
    status?.startTime,
    status?.lastScheduleTime,
    ...conditions.flatMap((c) => [c?.lastHeartbeatTime, c?.lastTransitionTime, c?.lastProbeTime]),
  ];
}

type Loose = Readonly<Record<string, unknown>> | null;

/** Gathers every `image` below a value. */
export function collectImages(value: unknown, images: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectImages(item, images);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'image' && typeof inner === 'string') images.add(inner);
      else collectImages(inner, images);
    }
  }
}
