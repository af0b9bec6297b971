/**
 * Parses XML strictly enough for what charts write: one root, balanced tags, quoted and unique attributes, known entities,
 * no stray `<` or `&`, unique ids.
 *
 * @returns number of elements
 * @throws Error with the place of the first fault
 */
export function parseXml(text: string): number {
  const open: string[] = [];
  const ids = new Set<string>();
  let elements = 0;
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(`${what} at ${at}: ${text.slice(Math.max(0, at - 40), at + 40)}`);
  };
  while (at < text.length) {
    if (text[at] !== '<') {
      const end = text.indexOf('<', at);
      const content = text.slice(at, end < 0 ? text.length : end);
      if (open.length === 0) fail('text outside the root');
      checkText(content, fail);
      at += content.length;
      continue;
    }
    const close = /^<\/([A-Za-z][\w:-]*)\s*>/.exec(text.slice(at, at + 80));
    if (close) {
      if (open.pop() !== close[1]) fail(`closing ${close[1]}`);
      at += close[0].length;
      continue;
    }
    const name = /^<([A-Za-z][\w:-]*)/.exec(text.slice(at, at + 80));
    if (!name) return fail('a tag');
    if (open.length === 0 && elements > 0) fail('a second root');
    elements++;
    at += name[0].length;
    const seen = new Set<string>();
    for (;;) {
      const attribute = /^\s+([A-Za-z_][\w:.-]*)="([^"<]*)"/.exec(text.slice(at));
      if (!attribute) break;
      if (seen.has(attribute[1]!)) fail(`attribute ${attribute[1]} twice`);
      seen.add(attribute[1]!);
      checkText(attribute[2]!, fail);
      if (attribute[1] === 'id' && ids.has(attribute[2]!)) fail('an id twice');
      if (attribute[1] === 'id') ids.add(attribute[2]!);
      if (/NaN|Infinity|undefined/.test(attribute[2]!)) fail('a number');
      at += attribute[0].length;
    }
    const end = /^\s*(\/?)>/.exec(text.slice(at, at + 40));
    if (!end) return fail('the end of a tag');
    at += end[0].length;
    if (end[1] === '') open.push(name[1]!);
  }
  if (open.length > 0 || elements === 0) fail('the end of the document');
  return elements;
}

function checkText(text: string, fail: (what: string) => never): void {
  if (/&(?!(?:amp|lt|gt|quot|#\d+);)/.test(text)) fail('an entity');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids them
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text))
    fail('a control character');
}
