/** A parsed file as a tree whose every value knows where it was written; merging and overrides work on it. */

/** Where something was written; all absent for values given as an object or on the command line. */
export interface Place {
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  readonly column?: number;
}

/** A leaf of plain data. */
export type Scalar = string | number | boolean | null;

/** A value with its place; `text` is how a scalar without quotes was written. Maps keep the order of the file. */
export type Located =
  | {
      readonly kind: 'scalar';
      readonly place: Place;
      readonly value: Scalar;
      readonly text?: string;
    }
  | { readonly kind: 'list'; readonly place: Place; readonly items: Located[] }
  | { readonly kind: 'map'; readonly place: Place; readonly entries: Map<string, Entry> };

/** A key of a map with its own place. */
export interface Entry {
  readonly keyPlace: Place;
  readonly node: Located;
}

/** Keys and indices from the root to a value. */
export type Path = readonly (string | number)[];

/** Prints a path as `fleet.clusters[2].pools[0].count`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** The places of a whole tree, found by path. */
export interface Places {
  /** Place of the value at a path, or of its nearest ancestor that was written. */
  ofValue(path: Path): Place;
  /** Place of the key at a path, else as {@link Places.ofValue}. */
  ofKey(path: Path): Place;
  /** The scalar as written, if the path leads to one without quotes. */
  textAt(path: Path): string | undefined;
  /** Place of a path that was printed by {@link formatPath}, or of its nearest ancestor. */
  ofText(path: string): Place;
}

/** Looks up places in a tree. */
export function placesOf(root: Located): Places {
  const byText = new Map<string, Place>();
  collect(root, '', byText);
  const walk = (path: Path): { node: Located; key: Place | null } => {
    let node = root;
    let key: Place | null = null;
    for (const step of path) {
      const next: Located | Entry | undefined =
        node.kind === 'map'
          ? node.entries.get(String(step))
          : node.kind === 'list'
            ? node.items[step as number]
            : undefined;
      if (next === undefined) return { node, key: null };
      key = 'node' in next ? next.keyPlace : null;
      node = 'node' in next ? next.node : next;
    }
    return { node, key };
  };
  return {
    ofValue: (path) => walk(path).node.place,
    ofKey: (path) => {
      const { node, key } = walk(path);
      return key ?? node.place;
    },
    textAt: (path) => {
      const { node } = walk(path);
      return node.kind === 'scalar' ? node.text : undefined;
    },
    ofText: (path) => {
      let text = path;
      while (text !== '') {
        const place = byText.get(text);
        if (place) return place;
        text = text.slice(0, Math.max(text.lastIndexOf('.'), text.lastIndexOf('['), 0));
      }
      return root.place;
    },
  };
}

function collect(node: Located, text: string, byText: Map<string, Place>): void {
  byText.set(text, node.place);
  if (node.kind === 'list') {
    for (const [i, item] of node.items.entries()) collect(item, `${text}[${i}]`, byText);
  } else if (node.kind === 'map') {
    for (const [key, entry] of node.entries) {
      collect(entry.node, text === '' ? key : `${text}.${key}`, byText);
    }
  }
}

/** The plain value of a tree. */
export function plain(node: Located): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  const out: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) out[key] = plain(entry.node);
  return out;
}

/**
 * Merges a part below the file that imports it: maps join key by key (two levels: top-level fields and what is directly
 * in them), lists are concatenated, imported items first; where both give a value, the importing file wins.
 */
export function mergeParts(imported: Located, importing: Located, levels = 2): Located {
  if (imported.kind === 'list' && importing.kind === 'list') {
    return { ...importing, items: [...imported.items, ...importing.items] };
  }
  if (imported.kind !== 'map' || importing.kind !== 'map' || levels === 0) return importing;
  const entries = new Map(imported.entries);
  for (const [key, entry] of importing.entries) {
    const below = entries.get(key);
    entries.set(
      key,
      below ? { ...entry, node: mergeParts(below.node, entry.node, levels - 1) } : entry,
    );
  }
  return { ...importing, entries };
}
