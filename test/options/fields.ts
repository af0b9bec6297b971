/** The leaf fields of a JSON Schema, by path. */

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
}

/** Shared shapes with fields of their own; every other shared shape is one value. */
const LAWS = [
  'CountLaw',
  'DurationLaw',
  'LabelSelector',
  'NodeAffinity',
  'NodeSelectorTerm',
  'PodAffinity',
  'PodAffinityTerm',
  'PolicyUse',
  'RunTimeLaw',
  'TopologySpreadConstraint',
] as const;

/**
 * Lists every leaf: `workloads[].pod.cpu`, `thresholds.*`, `DurationLaw.exponential.mean`. A law or the use of a policy is a
 * leaf where it is used, and its own fields are listed once.
 *
 * @param schema with `$defs`
 */
export function leavesOf(schema: Schema & { readonly $defs?: Readonly<Record<string, Schema>> }) {
  const leaves = new Set<string>();
  walk(schema, '', leaves);
  for (const law of LAWS) {
    const shared = schema.$defs?.[law];
    if (shared !== undefined) walk(shared, law, leaves);
  }
  return [...leaves].sort();
}

function walk(schema: Schema, path: string, leaves: Set<string>): void {
  const below = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  for (const alternative of below) walk(alternative, path, leaves);
  const fields = Object.entries(schema.properties ?? {});
  for (const [key, field] of fields) walk(field, path === '' ? key : `${path}.${key}`, leaves);
  const items = [...(schema.items ? [schema.items] : []), ...(schema.prefixItems ?? [])];
  for (const item of items) walk(item, `${path}[]`, leaves);
  const { additionalProperties } = schema;
  const isMap = typeof additionalProperties === 'object';
  if (isMap) walk(additionalProperties, `${path}.*`, leaves);
  if (below.length + fields.length + items.length === 0 && !isMap) leaves.add(path);
}
