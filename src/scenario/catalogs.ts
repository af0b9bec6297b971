/** Catalogues: files with machine types, providers and dated prices, read into the stock of a load. */
import type { Context, Stock } from './context.ts';
import type { Path } from './located.ts';
import { Problems } from './problems.ts';
import { readYaml } from './read-yaml.ts';
import { resolveMachineType, resolveProvider } from './resolve-fleet.ts';
import { catalogSchema, type RawCatalog, type RawMachineType, type RawProvider } from './schema.ts';

type Head = RawCatalog['catalog'];

/**
 * Reads the catalogues that a fleet names into the stock.
 *
 * @returns their heads, in order; what cannot be read is an issue of a data file
 */
export function readCatalogs(
  names: string | readonly string[] | undefined,
  context: Context,
): Head[] {
  const heads: Head[] = [];
  const list = typeof names === 'string' ? [names] : (names ?? []);
  for (const [i, name] of list.entries()) {
    const path = ['fleet', 'catalog', ...(typeof names === 'string' ? [] : [i])];
    const head = readCatalog(name, path, context);
    if (head === null) {
      context.isStockComplete = false;
      continue;
    }
    heads.push(head);
  }
  return heads;
}

function readCatalog(name: string, path: Path, context: Context): Head | null {
  const { problems, files } = context;
  const found = files?.find(name, problems.places.ofValue(path).file) ?? null;
  if (found === null || 'reason' in found) {
    const hint =
      files === null
        ? 'a scenario given as an object reads no files without readText'
        : (found?.reason ??
          'paths are relative to the file that names them; .yaml may be left out');
    const expected = found === null ? 'a catalogue file that exists' : 'a catalogue that is text';
    problems.at(path, expected, { hint, isData: true });
    return null;
  }
  const { node, issues } = readYaml(found.text, found.path);
  for (const issue of issues) problems.foreign(issue, true);
  if (node === null) return null;
  const own = new Problems(node);
  const shape = catalogSchema.safeParse(own.raw);
  if (!shape.success) own.schema(shape.error.issues);
  const isReadable = !own.isBrokenAt([]) && node.kind === 'map';
  const raw = own.raw as RawCatalog;
  if (isReadable) {
    const stock: Stock = { machineTypes: new Map(), providers: new Map(), unverified: new Set() };
    stockUp(
      {
        machineTypes: own.isBrokenAt(['machineTypes']) ? [] : raw.machineTypes,
        providers: own.isBrokenAt(['providers']) ? [] : raw.providers,
      },
      stock,
      { problems: own, path: [] },
    );
    merge(stock, path, context);
  }
  problems.adopt(own, true);
  return isReadable && !own.isBroken(['catalog']) ? raw.catalog : null;
}

/** Adds a catalogue to the stock; two catalogues must not say two things of one name. */
function merge(from: Stock, path: Path, { stock, problems, catalogued }: Context): void {
  for (const kind of ['machineTypes', 'providers'] as const) {
    for (const [name, thing] of from[kind]) {
      if (catalogued.has(`${kind}/${name}`)) {
        problems.at(path, 'catalogues with different names', { hint: `both have "${name}"` });
      }
      catalogued.add(`${kind}/${name}`);
      (stock[kind] as Map<string, typeof thing>).set(name, thing);
    }
  }
  for (const thing of from.unverified) stock.unverified.add(thing);
}

/** Resolves the machine types and providers of one file into a stock, replacing what is there; twice in one file is an issue. */
export function stockUp(
  part: {
    readonly machineTypes?: readonly RawMachineType[];
    readonly providers?: readonly RawProvider[];
  },
  stock: Stock,
  { problems, path }: { readonly problems: Problems; readonly path: Path },
): void {
  const each = <T extends { readonly name: string }>(
    list: readonly T[] | undefined,
    key: 'machineTypes' | 'providers',
    take: (raw: T, at: Path, isBroken: boolean) => void,
  ): void => {
    const seen = new Set<unknown>();
    for (const [i, raw] of (list ?? []).entries()) {
      const at = [...path, key, i];
      const name: unknown = raw?.name;
      if (typeof name !== 'string') continue;
      if (seen.has(name)) problems.at([...at, 'name'], 'names that differ within a file');
      seen.add(name);
      take(raw, at, problems.isBroken(at) || problems.hasIssueIn(at));
    }
  };
  each(part.machineTypes, 'machineTypes', (raw, _at, isBroken) => {
    const type = isBroken ? null : resolveMachineType(raw);
    stock.machineTypes.set(raw.name, type);
    if (type !== null && raw.unverified === true) stock.unverified.add(type);
  });
  each(part.providers, 'providers', (raw, at, isBroken) => {
    const provider = isBroken ? null : resolveProvider(raw, problems, at);
    stock.providers.set(raw.name, provider);
    if (provider !== null && raw.unverified === true) stock.unverified.add(provider);
  });
}
