/** Comments on a pull request by GitHub's REST interface: found by their first line, replaced in place. */
import { readFileSync } from 'node:fs';
import { ScenarioError } from '../base/errors.ts';

/** Where to post, from the environment of a workflow. */
export interface CommentTarget {
  /** Base address of the interface, without a slash at the end. */
  readonly apiUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly pullRequest: number;
  readonly token: string;
}

/** A comment that exists. */
export interface ExistingComment {
  readonly id: number;
  readonly body: string;
}

const PAGE = 100;
const PAGES_MAX = 50;
const TIMEOUT_MS = 30_000;

/**
 * Works out where to post.
 *
 * @param env `GITHUB_API_URL`, `GITHUB_REPOSITORY`, `GITHUB_TOKEN`, and for the number `GITHUB_EVENT_PATH` or `GITHUB_REF`
 * @param pullRequest its number if the user gave it; null looks into the environment
 * @throws ScenarioError with everything that is missing
 */
export function commentTarget(
  env: Readonly<Record<string, string | undefined>>,
  pullRequest: number | null,
): CommentTarget {
  const number = pullRequest ?? numberInEvent(env.GITHUB_EVENT_PATH) ?? numberInRef(env.GITHUB_REF);
  const missing = [
    {
      name: 'GITHUB_REPOSITORY',
      is: /^[^/\s]+\/[^/\s]+$/.test(env.GITHUB_REPOSITORY ?? ''),
      what: 'owner/name',
    },
    {
      name: 'GITHUB_TOKEN',
      is: Boolean(env.GITHUB_TOKEN),
      what: 'a token that may write pull requests',
    },
    {
      name: 'GITHUB_API_URL',
      is: /^https?:\/\//.test(env.GITHUB_API_URL ?? ''),
      what: 'an address',
    },
    {
      name: '--pr',
      is: number !== null,
      what: 'the number of a pull request; this event has none',
    },
  ].filter(({ is }) => !is);
  if (missing.length > 0) {
    throw new ScenarioError(
      missing.map(({ name, what }) => ({ path: name, expected: what, hint: '--post needs it' })),
    );
  }
  return {
    apiUrl: env.GITHUB_API_URL!.replace(/\/+$/, ''),
    repository: env.GITHUB_REPOSITORY!,
    pullRequest: number!,
    token: env.GITHUB_TOKEN!,
  };
}

/**
 * Finds the comment whose first line is the marker; one by a bot is preferred.
 *
 * @returns null where there is none
 * @throws ScenarioError (exit 3) where the interface refuses or cannot be reached
 */
export async function findComment(
  target: CommentTarget,
  marker: string,
): Promise<ExistingComment | null> {
  let byPerson: ExistingComment | null = null;
  const path = `issues/${target.pullRequest}/comments`;
  for (let page = 1; page <= PAGES_MAX; page++) {
    const query = `?per_page=${PAGE}&page=${page}`;
    const comments = (await call(target, 'GET', `${path}${query}`)) as readonly {
      readonly id: number;
      readonly body?: string | null;
      readonly user?: { readonly type?: string } | null;
    }[];
    for (const { id, body, user } of comments) {
      if (!body?.startsWith(marker)) continue;
      if (user?.type === 'Bot') return { id, body };
      byPerson ??= { id, body };
    }
    if (comments.length < PAGE) break;
  }
  return byPerson;
}

/**
 * Posts a comment, in the place of an existing one if that is given.
 *
 * @returns the address of the comment
 * @throws ScenarioError (exit 3) where the interface refuses or cannot be reached
 */
export async function putComment(
  target: CommentTarget,
  body: string,
  existing: ExistingComment | null,
): Promise<string> {
  const { html_url: address } = (await (existing === null
    ? call(target, 'POST', `issues/${target.pullRequest}/comments`, { body })
    : call(target, 'PATCH', `issues/comments/${existing.id}`, { body }))) as {
    readonly html_url?: string;
  };
  return address ?? `${target.repository}#${target.pullRequest}`;
}

async function call(
  target: CommentTarget,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: object,
): Promise<unknown> {
  const url = `${target.apiUrl}/repos/${target.repository}/${path}`;
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${target.token}`,
        'x-github-api-version': '2022-11-28',
        'user-agent': 'orrery',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw refused(
      url,
      'an interface that answers',
      cause instanceof Error ? cause.message : String(cause),
    );
  }
  const text = await response.text();
  if (!response.ok)
    throw refused(url, `an answer to ${method}`, `${response.status}: ${messageOf(text)}`);
  try {
    return JSON.parse(text);
  } catch {
    throw refused(url, 'JSON', 'the answer is something else; look at GITHUB_API_URL');
  }
}

function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message);
  } catch {
    // Not JSON: its beginning tells most.
    return text.slice(0, 200);
  }
}

function refused(url: string, expected: string, hint: string): ScenarioError {
  return new ScenarioError([{ path: '--post', value: url, expected, hint }], 3);
}

function numberInEvent(path: string | undefined): number | null {
  if (path === undefined || path === '') return null;
  let event: {
    number?: unknown;
    pull_request?: { number?: unknown };
    issue?: { number?: unknown };
  };
  try {
    event = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const hint = error instanceof Error ? error.message : String(error);
    throw new ScenarioError(
      [{ path: 'GITHUB_EVENT_PATH', value: path, expected: 'the event as JSON', hint }],
      3,
    );
  }
  const number = event.pull_request?.number ?? event.issue?.number ?? event.number;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

function numberInRef(ref: string | undefined): number | null {
  const found = /^refs\/pull\/(\d+)\//.exec(ref ?? '')?.[1];
  return found === undefined ? null : Number(found);
}
