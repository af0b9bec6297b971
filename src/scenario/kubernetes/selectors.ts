/** Selectors, affinity and spread constraints in Kubernetes' own fields become plain data with their defaults. */
import type {
  LabelSelector,
  NodeAffinity,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Requirement,
  SpreadConstraint,
} from '../../base/kube.ts';
import type { Path } from '../located.ts';
import type { RawPod } from '../schema.ts';

type Affinity = NonNullable<RawPod['affinity']>;
type RawPodAffinity = NonNullable<Affinity['podAffinity']>;
type RawTerm = NonNullable<
  RawPodAffinity['requiredDuringSchedulingIgnoredDuringExecution']
>[number];
type RawSelector = NonNullable<RawTerm['labelSelector']>;
type RawNodeAffinity = NonNullable<Affinity['nodeAffinity']>;
type RawNodeTerm = NonNullable<
  RawNodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']
>['nodeSelectorTerms'][number];
type RawRequirement = NonNullable<RawNodeTerm['matchExpressions']>[number];
type RawSpread = NonNullable<RawPod['topologySpreadConstraints']>[number];

/** Notes what is wrong at a path. */
export type Note = (path: Path, expected: string, hint?: string) => void;

/** Labels of the pod that terms refer to by key. */
export type Labels = Readonly<Record<string, string>>;

/** Resolves a selector; one that is not given is nil. */
export function resolveSelector(
  raw: RawSelector | undefined,
  path: Path,
  note: Note,
): LabelSelector {
  if (raw === undefined) return null;
  const labels = raw.matchLabels ?? {};
  return [
    ...Object.keys(labels)
      .sort()
      .map((key): Requirement => ({ key, operator: 'In', values: [labels[key]!] })),
    ...resolveRequirements(raw.matchExpressions, [...path, 'matchExpressions'], note),
  ];
}

function resolveRequirements(
  raws: readonly RawRequirement[] | undefined,
  path: Path,
  note: Note,
): Requirement[] {
  return (raws ?? []).map((raw, i) => {
    const operator = raw.operator as Requirement['operator'];
    const values = raw.values ?? [];
    const at = [...path, i, 'values'];
    if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
      note(at, `at least one value with operator: ${operator}`);
    }
    if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
      note(at, `no values with operator: ${operator}`);
    }
    const isNumeric = operator === 'Gt' || operator === 'Lt';
    if (isNumeric && !(values.length === 1 && /^[+-]?\d{1,19}$/.test(values[0]!))) {
      note(at, `one whole number as text with operator: ${operator}`, 'as in ["5"]');
    }
    return { key: raw.key, operator, values };
  });
}

function withKeys(
  selector: LabelSelector,
  labels: Labels,
  operator: 'In' | 'NotIn',
  keys: readonly string[] | undefined,
): LabelSelector {
  // A nil selector stays nil: it matches nothing, whatever is added.
  if (selector === null) return null;
  const added = (keys ?? []).filter((key) => Object.hasOwn(labels, key));
  return [
    ...selector,
    ...added.map((key): Requirement => ({ key, operator, values: [labels[key]!] })),
  ];
}

/** Resolves the terms of a node selector. */
export function resolveNodeTerms(
  raws: readonly RawNodeTerm[],
  path: Path,
  note: Note,
): NodeSelectorTerm[] {
  return raws.map((raw, i) => ({
    expressions: resolveRequirements(raw.matchExpressions, [...path, i, 'matchExpressions'], note),
    fields: resolveFields(raw.matchFields, [...path, i, 'matchFields'], note),
  }));
}

function resolveFields(
  raws: readonly RawRequirement[] | undefined,
  path: Path,
  note: Note,
): Requirement[] {
  const fields = resolveRequirements(raws, path, note);
  for (const [i, { key, operator, values }] of fields.entries()) {
    if (key !== 'metadata.name') note([...path, i, 'key'], '"metadata.name"');
    if (!['In', 'NotIn'].includes(operator) || values.length !== 1) {
      note([...path, i, 'values'], 'one value with operator: In or NotIn');
    }
  }
  return fields;
}

/** Resolves node affinity. */
export function resolveNodeAffinity(
  raw: RawNodeAffinity | undefined,
  path: Path,
  note: Note,
): NodeAffinity | null {
  if (raw === undefined) return null;
  const required = raw.requiredDuringSchedulingIgnoredDuringExecution;
  const requiredAt = [...path, 'requiredDuringSchedulingIgnoredDuringExecution'];
  const preferredAt = [...path, 'preferredDuringSchedulingIgnoredDuringExecution'];
  return {
    required:
      required === undefined
        ? null
        : resolveNodeTerms(required.nodeSelectorTerms, [...requiredAt, 'nodeSelectorTerms'], note),
    preferred: (raw.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one, i) => ({
      weight: one.weight,
      term: {
        expressions: resolveRequirements(
          one.preference.matchExpressions,
          [...preferredAt, i, 'preference', 'matchExpressions'],
          note,
        ),
        fields: resolveFields(
          one.preference.matchFields,
          [...preferredAt, i, 'preference', 'matchFields'],
          note,
        ),
      },
    })),
  };
}

/** Resolves pod affinity or anti-affinity; `matchLabelKeys` become part of the selectors, as the API server does. */
export function resolvePodAffinity(
  raw: RawPodAffinity | undefined,
  labels: Labels,
  path: Path,
  note: Note,
): PodAffinity | null {
  if (raw === undefined) return null;
  const requiredAt = [...path, 'requiredDuringSchedulingIgnoredDuringExecution'];
  const preferredAt = [...path, 'preferredDuringSchedulingIgnoredDuringExecution'];
  return {
    required: (raw.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term, i) =>
      resolveTerm(term, labels, [...requiredAt, i], note),
    ),
    preferred: (raw.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one, i) => ({
      weight: one.weight,
      term: resolveTerm(one.podAffinityTerm, labels, [...preferredAt, i, 'podAffinityTerm'], note),
    })),
  };
}

function resolveTerm(raw: RawTerm, labels: Labels, path: Path, note: Note): PodAffinityTerm {
  const own = resolveSelector(raw.labelSelector, [...path, 'labelSelector'], note);
  const matched = withKeys(own, labels, 'In', raw.matchLabelKeys);
  return {
    selector: withKeys(matched, labels, 'NotIn', raw.mismatchLabelKeys),
    topologyKey: raw.topologyKey,
    namespaces: raw.namespaces ?? [],
    namespaceSelector: resolveSelector(raw.namespaceSelector, [...path, 'namespaceSelector'], note),
  };
}

/** Resolves spread constraints. */
export function resolveSpread(
  raws: readonly RawSpread[] | undefined,
  labels: Labels,
  path: Path,
  note: Note,
): SpreadConstraint[] {
  return (raws ?? []).map((raw, i) => {
    const isHard = raw.whenUnsatisfiable === 'DoNotSchedule';
    if (raw.minDomains !== undefined && !isHard) {
      note([...path, i, 'minDomains'], 'no minDomains with whenUnsatisfiable: ScheduleAnyway');
    }
    const own = resolveSelector(raw.labelSelector, [...path, i, 'labelSelector'], note);
    return {
      maxSkew: raw.maxSkew,
      topologyKey: raw.topologyKey,
      isHard,
      selector: withKeys(own, labels, 'In', raw.matchLabelKeys),
      minDomains: raw.minDomains ?? null,
      nodeAffinityPolicy: raw.nodeAffinityPolicy ?? 'Honor',
      nodeTaintsPolicy: raw.nodeTaintsPolicy ?? 'Ignore',
    };
  });
}
