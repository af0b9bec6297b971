/** Reading the arguments of plug-ins as a KubeSchedulerConfiguration writes them. */
import type { NodeSelectorTerm, Requirement, SelectorOperator } from '../../base/kube.ts';
import type { ParamsCheck } from '../../contracts/policy.ts';
import { FieldReader, isRecord, paramsOf } from '../params.ts';

/**
 * Makes a check of a plug-in's arguments, which may name their `apiVersion` and `kind`.
 *
 * @param kind of the arguments, such as `NodeAffinityArgs`
 */
export function argsOf<A>(kind: string, read: (fields: FieldReader) => A): ParamsCheck<A> {
  return paramsOf((fields) => {
    fields.choice('kind', [kind], kind);
    const version = fields.any('apiVersion');
    const isKnown =
      version === undefined ||
      (typeof version === 'string' && version.startsWith('kubescheduler.config.k8s.io/'));
    if (!isKnown) fields.fail('apiVersion', 'kubescheduler.config.k8s.io/v1');
    return read(fields);
  });
}

/** Reads a list of objects; absent is empty. */
export function readObjects<T>(
  fields: FieldReader,
  name: string,
  read: (item: FieldReader) => T,
): readonly T[] {
  const raw = fields.any(name);
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw)) {
    fields.fail(name, 'a list');
    return [];
  }
  return raw.map((item: unknown, i) => {
    const path = `${fields.pathOf(name)}[${i}]`;
    const reader = new FieldReader(isRecord(item) ? item : String(item), path);
    const value = read(reader);
    fields.adopt(reader.finish());
    return value;
  });
}

/** Reads one object below; null if it is absent. */
export function readObject<T>(
  fields: FieldReader,
  name: string,
  read: (item: FieldReader) => T,
): T | null {
  const raw = fields.any(name);
  if (raw === undefined || raw === null) return null;
  const reader = new FieldReader(raw, fields.pathOf(name));
  const value = read(reader);
  fields.adopt(reader.finish());
  return value;
}

/** Reads a list of texts; absent is empty. */
export function readTexts(fields: FieldReader, name: string): readonly string[] {
  const raw = fields.any(name);
  if (raw === undefined || raw === null) return [];
  if (Array.isArray(raw) && raw.every((item) => typeof item === 'string')) return raw;
  fields.fail(name, 'a list of texts');
  return [];
}

/** Reads a text that must be there and not be empty. */
export function readText(fields: FieldReader, name: string): string {
  const raw = fields.any(name);
  if (typeof raw === 'string' && raw !== '') return raw;
  fields.fail(name, 'a text');
  return '';
}

/** Reads a term of a node selector. */
export function readNodeSelectorTerm(fields: FieldReader): NodeSelectorTerm {
  return {
    expressions: readObjects(fields, 'matchExpressions', readRequirement),
    fields: readObjects(fields, 'matchFields', readRequirement),
  };
}

const OPERATORS: readonly SelectorOperator[] = [
  'In',
  'NotIn',
  'Exists',
  'DoesNotExist',
  'Gt',
  'Lt',
];

function readRequirement(fields: FieldReader): Requirement {
  const key = readText(fields, 'key');
  const operator = fields.any('operator');
  const values = readTexts(fields, 'values');
  if (!OPERATORS.includes(operator as SelectorOperator)) {
    fields.fail('operator', `one of ${OPERATORS.join(', ')}`);
  }
  return { key, operator: operator as SelectorOperator, values };
}

/** A resource and its weight in a score. */
export interface ResourceWeight {
  readonly name: string;
  readonly weight: number;
}

/** Reads resources with weights; an absent or zero weight is 1. */
export function readResourceWeights(
  fields: FieldReader,
  fallback: readonly ResourceWeight[],
  weightMax: number,
): readonly ResourceWeight[] {
  const list = readObjects(fields, 'resources', (item) => ({
    name: readText(item, 'name'),
    weight: item.integer('weight', 1, 0, weightMax) || 1,
  }));
  return list.length === 0 ? fallback : list;
}

/** The resources that scores look at by default. */
export const CPU_AND_MEMORY: readonly ResourceWeight[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];
