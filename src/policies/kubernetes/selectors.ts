/** Label selectors, node selectors and node affinity, as Kubernetes matches them. */
import type { NodeIndex } from '../../base/ids.ts';
import type { KubePod, LabelSelector, NodeSelectorTerm, Requirement } from '../../base/kube.ts';
import type { FrameworkNodes } from '../../contracts/framework.ts';
import type { PodShape } from '../../model/shapes.ts';

/** The one label that nodes of a class do not share. */
export const HOSTNAME = 'kubernetes.io/hostname';

/** Labels by key, of a pod or of a namespace. */
export type Labels = Readonly<Record<string, string>>;

/** Says whether labels match a selector: null matches nothing, an empty one everything. */
export function matchesSelector(selector: LabelSelector, labels: Labels): boolean {
  if (selector === null) return false;
  for (const requirement of selector) {
    if (!matchesRequirement(requirement, labelValue(labels, requirement.key))) return false;
  }
  return true;
}

/**
 * Says whether a label's value meets a requirement.
 *
 * @param value undefined if the label is absent, which only `NotIn` and `DoesNotExist` accept
 */
export function matchesRequirement(requirement: Requirement, value: string | undefined): boolean {
  const { operator, values } = requirement;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt':
      return value !== undefined && values.length === 1 && compares(operator, value, values[0]!);
  }
}

/** Says whether a node matches a term of a node selector; an empty term matches nothing, nor does one that fails to parse. */
export function matchesTerm(term: NodeSelectorTerm, nodes: FrameworkNodes, n: NodeIndex): boolean {
  const { expressions, fields } = term;
  if (expressions.length === 0 && fields.length === 0) return false;
  for (const requirement of expressions) {
    if (!matchesRequirement(requirement, nodes.label(n, requirement.key))) return false;
  }
  for (const field of fields) {
    const isUsable =
      field.key === 'metadata.name' &&
      (field.operator === 'In' || field.operator === 'NotIn') &&
      field.values.length === 1;
    if (!isUsable || !matchesRequirement(field, nodes.name(n))) return false;
  }
  return true;
}

/** Says whether a node matches any term. */
export function matchesAnyTerm(
  terms: readonly NodeSelectorTerm[],
  nodes: FrameworkNodes,
  n: NodeIndex,
): boolean {
  for (const term of terms) if (matchesTerm(term, nodes, n)) return true;
  return false;
}

/** Says whether a node has what the pod requires: its `nodeSelector` and its required node affinity. */
export function matchesRequiredAffinity(
  shape: PodShape,
  kube: KubePod,
  nodes: FrameworkNodes,
  n: NodeIndex,
): boolean {
  for (const [key, value] of shape.nodeSelector) {
    if (nodes.label(n, key) !== value) return false;
  }
  const required = kube.nodeAffinity?.required ?? null;
  return required === null || matchesAnyTerm(required, nodes, n);
}

/** Says whether terms may tell two nodes of one class apart: by name or by hostname. */
export function readsNodeName(terms: readonly NodeSelectorTerm[]): boolean {
  return terms.some(
    (term) => term.fields.length > 0 || term.expressions.some(({ key }) => key === HOSTNAME),
  );
}

/** Says whether what the pod requires may tell two nodes of one class apart. */
export function requiredReadsNodeName(shape: PodShape, kube: KubePod): boolean {
  return (
    shape.nodeSelector.some(([key]) => key === HOSTNAME) ||
    readsNodeName(kube.nodeAffinity?.required ?? [])
  );
}

/** A label's value; undefined if it is absent, whatever objects inherit. */
export function labelValue(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** Compares two texts as signed 64-bit integers in base 10; false if one is none. */
function compares(operator: 'Gt' | 'Lt', value: string, bound: string): boolean {
  const left = integerOf(value);
  const right = integerOf(bound);
  if (left === null || right === null) return false;
  return operator === 'Gt' ? left > right : left < right;
}

const INT64_MAX = 9_223_372_036_854_775_807n;

function integerOf(text: string): bigint | null {
  if (!/^[+-]?[0-9]+$/.test(text)) return null;
  const digits = BigInt(text.replace(/^[+-]/, ''));
  const value = text.startsWith('-') ? -digits : digits;
  return value > INT64_MAX || value < -INT64_MAX - 1n ? null : value;
}
