/** The reference of scenario fields, as Markdown, from the JSON Schema. */

/** As much of JSON Schema as the scenario's has. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode | boolean;
  readonly prefixItems?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly maxProperties?: number;
}

interface Section {
  title: string;
  readonly node: SchemaNode;
}

/** Escapes what would end a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** Writes the whole reference: the fields, map by map, then the kinds of values. */
export function schemaReference(root: SchemaNode): string {
  const sections: Section[] = [];
  collect('the scenario', '', root, sections);
  const values = Object.entries(root.$defs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '## Fields',
    ...sections.map(sectionText),
    '## Values',
    ...values.map(([name, node]) => valueText(name, node)),
  ].join('\n\n');
}

/** Lists the maps below a node in the order in which a reader meets them. */
function collect(title: string, path: string, node: SchemaNode, into: Section[]): void {
  const inner = mapsIn(node);
  inner.forEach((map) => {
    const variant = inner.length > 1 ? ` (${variantsOf(map)})` : '';
    const known = into.find(
      (s) => JSON.stringify(s.node.properties) === JSON.stringify(map.properties),
    );
    if (known !== undefined) {
      // A kind of map that stands in several places is described once, under all its names.
      if (!known.title.split(', ').includes(title)) known.title += `, ${title}`;
      return;
    }
    into.push({ title: `${title}${variant}`, node: map });
    for (const [name, field] of Object.entries(map.properties ?? {})) {
      const at = path === '' ? name : `${path}.${name}`;
      collect(`\`${at}${suffixOf(field)}\``, `${at}${suffixOf(field)}`, field, into);
    }
  });
}

/** Maps with fixed fields that a value may be, lists and choices looked through; equal but for their kind count once. */
function mapsIn(node: SchemaNode): SchemaNode[] {
  if (node.properties !== undefined) return [node];
  const below = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  if (typeof node.items === 'object') below.push(node.items);
  if (typeof node.additionalProperties === 'object') below.push(node.additionalProperties);
  const maps: SchemaNode[] = [];
  for (const map of below.flatMap(mapsIn)) {
    const same = maps.findIndex((other) => fieldsKey(other) === fieldsKey(map));
    if (same < 0) maps.push(map);
    else maps[same] = joinKinds(maps[same]!, map);
  }
  return maps;
}

const fieldsKey = (map: SchemaNode): string =>
  JSON.stringify(Object.entries(map.properties!).filter(([name]) => name !== 'kind'));

function joinKinds(a: SchemaNode, b: SchemaNode): SchemaNode {
  const [one, two] = [a.properties!.kind, b.properties!.kind];
  if (one === undefined || two === undefined) return a;
  const kind = {
    ...one,
    enum: [...(one.enum ?? []), ...(two.enum ?? [])],
    description: `${one.description} ${two.enum?.join()}: ${two.description}`,
  };
  return { ...a, properties: { ...a.properties, kind } };
}

function variantsOf(map: SchemaNode): string {
  const kinds = map.properties!.kind?.enum;
  return kinds === undefined ? map.required![0]! : kinds.join(', ');
}

function suffixOf(node: SchemaNode): string {
  if (node.type === 'array' || node.anyOf?.some((n) => n.type === 'array')) return '[]';
  return typeof node.additionalProperties === 'object' ? '.*' : '';
}

function sectionText({ title, node }: Section): string {
  const rows = Object.entries(node.properties!).map(([name, field]) => {
    const { meaning, fallback } = splitDefault(field.description ?? '');
    const isOneOf = node.maxProperties === 1;
    const need = node.required?.includes(name) ? '**required**' : isOneOf ? 'one of' : fallback;
    return `| \`${name}\` | ${typeText(field)} | ${cell(need)} | ${cell(meaning)} |`;
  });
  const oneOf = node.maxProperties === 1 ? 'Exactly one of these fields:\n\n' : '';
  return `### ${title}\n\n${oneOf}| field | value | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}`;
}

/** Takes the default out of a description: `Pods at most; default 110, as kubelet has it.` */
export function splitDefault(description: string): { meaning: string; fallback: string } {
  const match = /(?:^|; |, |\. )[Dd]efault ([^.]+(?:\.(?=\S)[^.]+)*)(\.|$)/.exec(description);
  if (match === null) return { meaning: description, fallback: '' };
  const before = description.slice(0, match.index);
  const after = description.slice(match.index + match[0].length).trim();
  const meaning = [before === '' ? '' : `${before}.`, after].filter((s) => s !== '').join(' ');
  return { meaning: meaning.replace('..', '.'), fallback: match[1]! };
}

/** What a value may be, in words; named kinds of values are links. */
function typeText(node: SchemaNode): string {
  if (node.$ref !== undefined) {
    const name = node.$ref.slice(node.$ref.lastIndexOf('/') + 1);
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (node.enum !== undefined) return node.enum.map((v) => `\`${v}\``).join(', ');
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  const choices = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  if (choices.length > 0) return [...new Set(choices.map(typeText))].join(' or ');
  if (node.prefixItems !== undefined) return `[${node.prefixItems.map(typeText).join(', ')}]`;
  if (node.type === 'array') {
    return typeof node.items === 'object' ? `list of ${typeText(node.items)}` : 'list';
  }
  if (node.properties !== undefined) return 'map';
  if (typeof node.additionalProperties === 'object') {
    return `map of name to ${typeText(node.additionalProperties)}`;
  }
  if (node.type === 'integer' || node.type === 'number') return numberText(node);
  if (node.type === 'string') return 'text';
  return node.type === 'boolean' ? '`true`, `false`' : 'any';
}

function numberText(node: SchemaNode): string {
  const noun = node.type === 'integer' ? 'whole number' : 'number';
  if (node.exclusiveMinimum !== undefined) return `${noun} above ${count(node.exclusiveMinimum)}`;
  if (node.minimum === undefined || node.maximum === undefined) return noun;
  return `${noun}, ${count(node.minimum)} to ${count(node.maximum)}`;
}

const count = (value: number): string =>
  Number.isSafeInteger(value) && value === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : String(value);

function valueText(name: string, node: SchemaNode): string {
  const examples = (node.examples ?? []).map((e) => `\`${yaml(e)}\``).join(', ');
  const parts = [`### ${name}`, node.description ?? ''];
  if (examples !== '') parts.push(`Examples: ${examples}`);
  const laws = node.anyOf?.find((n) => n.maxProperties === 1);
  if (laws !== undefined) parts.push(lawsText(laws));
  return parts.filter((part) => part !== '').join('\n\n');
}

function lawsText(laws: SchemaNode): string {
  const rows = Object.entries(laws.properties!).map(([law, node]) => {
    const fields = Object.entries(node.properties ?? {}).map(([field, inner]) => {
      const more = inner.description === undefined ? '' : `: ${inner.description}`;
      return `\`${field}\` (${typeText(inner)}${more})`;
    });
    const text = fields.length > 0 ? fields.join(', ') : `${typeText(node)}. ${node.description}`;
    return `| \`${law}\` | ${cell(text)} |`;
  });
  return `A constant, or a map with exactly one of:\n\n| law | parameters |\n|---|---|\n${rows.join('\n')}`;
}

/** An example as YAML in one line. */
function yaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yaml).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([key, inner]) => `${key}: ${yaml(inner)}`);
  return `{${fields.join(', ')}}`;
}
