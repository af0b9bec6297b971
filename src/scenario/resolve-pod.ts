/** What a pod asks for, as written, becomes data: requests in numbers, a class in its priority, and Kubernetes' own part. */
import type { Toleration } from '../base/constraints.ts';
import { parseCpu, parseGpus, parseMemory } from '../base/units.ts';
import type { KubeService } from './kubernetes/objects.ts';
import { resolveKube } from './kubernetes/pod.ts';
import type { Path } from './located.ts';
import { type IssueMore, suggestion } from './problems.ts';
import { read } from './resolve-laws.ts';
import type { PodSpec } from './scenario.ts';
import type { RawPod } from './schema.ts';

/** What pods are resolved against. */
export interface PodSetting {
  /** Priorities by class. */
  readonly classes: Readonly<Record<string, number>>;
  /** Classes whose pods never preempt. */
  readonly peaceful?: ReadonlySet<string>;
  readonly services: readonly Pick<KubeService, 'namespace' | 'selector'>[];
}

/** Takes what is wrong with a pod. */
export interface PodNotes {
  readonly problems: { at(path: Path, expected: string, more?: IssueMore): void };
}

/** Resolves a pod whose shape is right. */
export function resolvePod(
  raw: RawPod,
  setting: PodSetting,
  context: PodNotes,
  path: Path,
): PodSpec {
  const { problems } = context;
  const kube = resolveKube(raw, setting, path, (at, expected, hint) =>
    problems.at(at, expected, { hint }),
  );
  const milli = read(parseGpus, raw.gpus ?? 0) + kube.gpuMilli;
  if (raw.gpuModels !== undefined && milli === 0) {
    problems.at([...path, 'gpuModels'], 'no models without gpus', { atKey: true });
  }
  return {
    cpuMillicores: kube.cpuMillicores ?? read(parseCpu, raw.cpu ?? 0),
    memoryBytes: kube.memoryBytes ?? read(parseMemory, raw.memory ?? 0),
    gpus:
      milli === 0
        ? null
        : {
            count: milli < 1000 ? 1 : milli / 1000,
            milliPerDevice: Math.min(milli, 1000),
            models: [...new Set(raw.gpuModels ?? [])].sort(),
          },
    extended: { ...raw.extended, ...kube.extended },
    nodeSelector: raw.nodeSelector ?? {},
    tolerations: resolveTolerations(raw, context, path),
    ...priorityOf(raw, setting, context, path),
    ...(kube.kube === null ? {} : { kube: kube.kube }),
  };
}

function priorityOf(raw: RawPod, setting: PodSetting, { problems }: PodNotes, path: Path) {
  const priorityClass = raw.priorityClass ?? 'default';
  const isKnown = Object.hasOwn(setting.classes, priorityClass);
  if (!isKnown) {
    const known = Object.keys(setting.classes);
    problems.at([...path, 'priorityClass'], 'a priority class', {
      hint: suggestion(priorityClass, known) ?? `declare it in priorityClasses; known are ${known}`,
    });
  }
  return { priorityClass, priority: isKnown ? setting.classes[priorityClass]! : 0 };
}

function resolveTolerations(raw: RawPod, { problems }: PodNotes, path: Path): Toleration[] {
  return (raw.tolerations ?? []).map((toleration, i) => {
    const { key = '', operator = 'Equal', value = '', effect, tolerationSeconds } = toleration;
    const at = [...path, 'tolerations', i];
    if (key === '' && operator === 'Equal') {
      problems.at(at, 'a toleration with a key, or with operator: Exists');
    }
    if (value !== '' && operator === 'Exists') {
      problems.at([...at, 'value'], 'no value with operator: Exists', { atKey: true });
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      problems.at([...at, 'tolerationSeconds'], 'no such field without effect: NoExecute', {
        atKey: true,
      });
    }
    return {
      key,
      operator,
      value,
      ...(effect === undefined ? {} : { effect }),
      ...(tolerationSeconds === undefined
        ? {}
        : { tolerationUs: Math.round(tolerationSeconds * 1e6) }),
    };
  });
}
