/** Everything of Kubernetes that is gathered while a scenario is resolved: files first, then what is written in it. */
import { parseDuration } from '../../base/units.ts';
import type { Context } from '../context.ts';
import type { Path } from '../located.ts';
import { resolveLaw } from '../resolve-laws.ts';
import type { Cluster, Workload } from '../scenario.ts';
import type { RawCluster, RawPod, RawWorkload } from '../schema.ts';
import { parseDurationOrForever } from '../schema-values.ts';
import { type Assembled, assemble } from './assemble.ts';
import { fitOnNodes } from './fit-nodes.ts';
import { collectImages, KubeInput } from './input.ts';
import type { Controller, KubeNamespace, KubernetesObjects, KubeService } from './objects.ts';
import { taggedImage } from './pod.ts';
import { type NodePlace, type NodePools, poolsOf } from './read-node.ts';
import type { ReadPriorityClass } from './read-objects.ts';

type RawFiles = NonNullable<RawCluster['snapshot']>;
type RawManifests = Extract<RawWorkload, { files: unknown }>;

interface NamedInput {
  readonly input: KubeInput;
  readonly files: readonly string[];
  readonly services: readonly KubeService[];
  readonly classes: readonly ReadPriorityClass[];
}

/** What the files are read against. */
export interface InputSetting {
  readonly horizonUs: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly services: readonly KubeService[];
  readonly clusters: readonly Cluster[];
}

/** Gathers the Kubernetes side of one scenario. */
export class KubeParts {
  /** Controllers that the scenario writes itself. */
  readonly controllers: Controller[] = [];
  /** Pods of controllers as written, by workload: a rollout changes them. */
  readonly raws = new Map<string, RawPod>();
  private readonly named: NamedInput[] = [];
  private assembled: Assembled[] = [];

  /** True if the scenario names files of Kubernetes objects. */
  get hasInputs(): boolean {
    return this.named.length > 0;
  }

  /** Reads the files that a cluster or an entry of manifests names. */
  read(
    raw: RawFiles | RawManifests,
    use: { readonly cluster: string; readonly isSnapshot: boolean; readonly path: Path },
    context: Context,
  ): KubeInput {
    const { problems } = context;
    const isMap = typeof raw === 'object' && !Array.isArray(raw);
    const written = isMap ? (raw as RawManifests).files : (raw as string | string[]);
    const answers: Pick<RawManifests, 'duration' | 'startup'> = isMap ? (raw as RawManifests) : {};
    const at = (field: string): Path => [...use.path, field];
    const input = new KubeInput(
      {
        ...use,
        durationUs:
          answers.duration === undefined
            ? null
            : resolveLaw(answers.duration, {
                problems,
                path: at('duration'),
                parse: parseDuration,
                parseConstant: parseDurationOrForever,
              }),
        startupUs: resolveLaw(answers.startup ?? '0s', {
          problems,
          path: at('startup'),
          parse: parseDuration,
        }),
      },
      (issue) => {
        context.isFleetComplete = false;
        problems.foreign(issue, true);
      },
    );
    const files = typeof written === 'string' ? [written] : written;
    const filesAt = isMap ? at('files') : use.path;
    for (const [i, file] of files.entries()) {
      addFile(input, file, typeof written === 'string' ? filesAt : [...filesAt, i], context);
    }
    this.named.push({
      input,
      files: files.map(shownName),
      services: input.services(),
      classes: input.priorityClasses(),
    });
    return input;
  }

  /** Priorities of the classes that files declare, by name. */
  get priorityClasses(): Record<string, number> {
    return Object.fromEntries(
      this.named.flatMap(({ classes }) => classes.map(({ name, value }) => [name, value])),
    );
  }

  /** Makes the workloads of one input, or of all snapshots if none is given. */
  workloads(
    setting: InputSetting,
    taken: Set<string>,
    context: Context,
    only?: KubeInput,
  ): Workload[] {
    return this.named.flatMap((one) => {
      const { input, classes, services } = one;
      if (only === undefined ? !input.use.isSnapshot : input !== only) return [];
      const shared = [...setting.services, ...this.servicesOf(input.use.cluster)];
      const part = assemble(input, {
        horizonUs: setting.horizonUs,
        classes: {
          ...setting.classes,
          ...Object.fromEntries(classes.map(({ name, value }) => [name, value])),
        },
        peaceful: new Set(classes.filter((c) => c.isPeaceful).map(({ name }) => name)),
        defaultClass: classes.find(({ isDefault }) => isDefault)?.name ?? null,
        services: services.length === 0 ? setting.services : shared,
        taken,
        raws: this.raws,
        missDuration: () => missDuration(input, context),
      });
      const pools = setting.clusters.find(({ name }) => name === input.use.cluster)?.pools ?? [];
      const { machineTypes } = context.stock;
      const initialPods = fitOnNodes(part.initialPods, pools, machineTypes, input.losses);
      this.assembled.push({ ...part, initialPods });
      return [...part.workloads];
    });
  }

  private servicesOf(cluster: string): KubeService[] {
    return this.named
      .filter(({ input }) => input.use.cluster === cluster)
      .flatMap(({ services }) => services);
  }

  /** All objects of files and scenario; events are added by the caller. */
  objects(written: {
    readonly services: readonly KubeService[];
    readonly namespaces: readonly KubeNamespace[];
  }): KubernetesObjects {
    const others = this.named.map(({ input }) => input.others());
    const namespaces = this.named.flatMap(({ input }) => input.namespaces());
    return {
      controllers: [...this.controllers, ...this.assembled.flatMap((part) => part.controllers)],
      budgets: others.flatMap(({ budgets }) => budgets),
      autoscalers: this.assembled.flatMap((part) => part.autoscalers),
      services: [...written.services, ...this.named.flatMap(({ services }) => services)],
      namespaces: [...written.namespaces, ...namespaces],
      volumes: {
        claims: others.flatMap(({ volumes }) => volumes.claims),
        persistent: others.flatMap(({ volumes }) => volumes.persistent),
        classes: others.flatMap(({ volumes }) => volumes.classes),
      },
      initialPods: this.assembled.flatMap((part) => part.initialPods),
      events: [],
      inputs: this.named.map(({ input, files }) => ({
        cluster: input.use.cluster,
        files,
        ...input.losses.report(),
      })),
    };
  }
}

/** The name of a file without folders of this machine. */
function shownName(written: string): string {
  const clean = written.replaceAll('\\', '/');
  const isBelow = !/^(\/|\.\.|[A-Za-z]:)/.test(clean);
  return isBelow ? clean : clean.slice(clean.lastIndexOf('/') + 1);
}

function missDuration(input: KubeInput, { problems }: Context): void {
  problems.at([...input.use.path, 'duration'], 'a duration such as "5m", or a law', {
    hint: 'there are Jobs, and Kubernetes does not say how long their pods run',
  });
}

function addFile(input: KubeInput, written: string, path: Path, context: Context): void {
  const found = context.dataPath(written, path);
  if (found === null) return;
  const result =
    context.files === null
      ? { reason: 'a scenario given as an object reads no files without readText' }
      : context.files.read(found, written.startsWith('$') ? written : undefined);
  if ('text' in result) input.add(result.text, found);
  else {
    context.isFleetComplete = false;
    const hint = result.reason;
    context.problems.at(path, 'a readable file of Kubernetes objects', { hint, isData: true });
  }
}

/** Pools of the nodes of a snapshot; their machine types join the stock. */
export function snapshotPools(
  input: KubeInput,
  place: Pick<NodePlace, 'zone' | 'price'>,
  context: Context,
): { pools: NodePools['pools']; params: Record<string, unknown> | null } {
  const { nodes, volumeLimits } = input.nodes();
  const images = input.images();
  collectImages(context.problems.raw, images);
  const { pools, machineTypes } = poolsOf(nodes, {
    ...place,
    known: context.stock.machineTypes,
    images: new Set([...images].map(taggedImage)),
    volumeLimits,
  });
  for (const type of machineTypes) context.stock.machineTypes.set(type.name, type);
  if (nodes.length === 0 && context.isFleetComplete) {
    context.problems.at(input.use.path, 'files with at least one Node', {
      hint: 'kubectl get nodes,pods -A -o yaml prints them; workloads alone go to kind: manifests',
      isData: true,
    });
  }
  return { pools, params: input.schedulerConfig() };
}

/** The cluster that something without a cluster of its own goes to. */
export function clusterFor(
  written: string | undefined,
  clusters: readonly Pick<Cluster, 'name'>[],
  path: Path,
  context: Context,
): string {
  const names = clusters.map(({ name }) => name);
  if (written !== undefined && (names.includes(written) || !context.isFleetComplete)) {
    return written;
  }
  if (written !== undefined) {
    const hint = `there is ${names.slice(0, 5).join(', ')}`;
    context.problems.at([...path, 'cluster'], 'the name of a cluster', { hint });
    return written;
  }
  if (names.length > 1) {
    context.problems.at([...path, 'cluster'], 'the name of a cluster', {
      hint: 'add cluster: a controller of Kubernetes works in one of them',
    });
  }
  return names[0] ?? '';
}
