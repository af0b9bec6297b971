import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type CommentTarget,
  commentTarget,
  findComment,
  putComment,
} from '../../../src/host/post-comment.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

let server: Server | null = null;
afterEach(() => {
  server?.close();
  server = null;
});

/** Serves what `answer` gives, and keeps what came. */
async function serve(
  answer: (seen: Seen) => { readonly status?: number; readonly body: unknown },
): Promise<{ target: CommentTarget; seen: Seen[] }> {
  const seen: Seen[] = [];
  const handler = async (request: IncomingMessage): Promise<Seen> => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = text === '' ? null : JSON.parse(text);
    const { method = '', url = '', headers } = request;
    return { method, url, authorization: headers.authorization, body };
  };
  server = createServer((request, response) => {
    handler(request).then((one) => {
      seen.push(one);
      const { status = 200, body } = answer(one);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const apiUrl = `http://127.0.0.1:${port}`;
  return { target: { apiUrl, repository: 'me/fleet', pullRequest: 12, token: 's3cret' }, seen };
}

const MARKER = '<!-- orrery:comment:capacity -->';

describe('a comment on a pull request', () => {
  it('is found by its first line on any page, that of a bot first', async () => {
    const plain = Array.from({ length: 100 }, (_, id) => ({ id, body: `text ${MARKER}` }));
    const { target, seen } = await serve(({ url }) => ({
      body: url.endsWith('page=1')
        ? [{ id: 7, body: `${MARKER}\nby a person`, user: { type: 'User' } }, ...plain.slice(1)]
        : [
            { id: 500, body: null },
            { id: 501, body: `${MARKER}\nby a bot`, user: { type: 'Bot' } },
          ],
    }));
    expect(await findComment(target, MARKER)).toEqual({ id: 501, body: `${MARKER}\nby a bot` });
    expect(seen.map(({ url }) => url)).toEqual([
      '/repos/me/fleet/issues/12/comments?per_page=100&page=1',
      '/repos/me/fleet/issues/12/comments?per_page=100&page=2',
    ]);
    expect(seen[0]!.authorization).toBe('Bearer s3cret');
  });

  it('is posted where there is none, else edited in place', async () => {
    const { target, seen } = await serve(() => ({ body: { html_url: 'there' } }));
    expect(await putComment(target, 'new', null)).toBe('there');
    expect(await putComment(target, 'newer', { id: 501, body: 'new' })).toBe('there');
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', '/repos/me/fleet/issues/12/comments', { body: 'new' }],
      ['PATCH', '/repos/me/fleet/issues/comments/501', { body: 'newer' }],
    ]);
  });

  it('says what the other side said, and never the token', async () => {
    const { target } = await serve(() => ({
      status: 403,
      body: { message: 'Resource not accessible' },
    }));
    const failing = putComment(target, 'x', null);
    await expect(failing).rejects.toThrow(/an answer to POST \(403: Resource not accessible\)/);
    await expect(failing).rejects.not.toThrow(/s3cret/);
    const html = await serve(() => ({ body: '<html>' }));
    await expect(findComment(html.target, MARKER)).rejects.toThrow(/look at GITHUB_API_URL/);
    const gone = { ...target, apiUrl: 'http://127.0.0.1:9' };
    await expect(findComment(gone, MARKER)).rejects.toMatchObject({ exitCode: 3 });
  });
});

describe('the place to post', () => {
  const env = {
    GITHUB_API_URL: 'https://api.example.test/',
    GITHUB_REPOSITORY: 'me/fleet',
    GITHUB_TOKEN: 't',
  };

  it('comes from the option, the event or the branch, in this order', () => {
    const folder = mkdtempSync(join(tmpdir(), 'orrery-event-'));
    const event = join(folder, 'event.json');
    writeFileSync(event, '{"pull_request": {"number": 5}}');
    const full = { ...env, GITHUB_EVENT_PATH: event, GITHUB_REF: 'refs/pull/6/merge' };
    expect(commentTarget(full, 4)).toMatchObject({
      pullRequest: 4,
      apiUrl: 'https://api.example.test',
    });
    expect(commentTarget(full, null).pullRequest).toBe(5);
    expect(commentTarget({ ...env, GITHUB_REF: 'refs/pull/6/merge' }, null).pullRequest).toBe(6);
    writeFileSync(event, '{');
    expect(() => commentTarget(full, null)).toThrow(/the event as JSON/);
    rmSync(folder, { recursive: true });
  });

  it('lists everything that is missing', () => {
    expect(() => commentTarget({}, null)).toThrow(
      /GITHUB_REPOSITORY.*\n.*GITHUB_TOKEN.*\n.*GITHUB_API_URL.*\n.*--pr/,
    );
  });
});
