import { readFileSync } from 'node:fs';
import { type BrowserContext, expect, type Page, test as base } from '@playwright/test';
import { accessible } from './accessible';

export type Name = 'Ada' | 'Dan' | 'Vik';
export type Open = (who: Name, path?: string) => Promise<Page>;

/**
 * One browser, in which everybody is signed in once: pages come quickly, with their code
 * already compiled. Whatever a page complains of in its console fails the journey.
 */
export const test = base.extend<{ open: Open; page: Page }, { signedIn: (who: Name) => Promise<BrowserContext> }>({
  signedIn: [
    async ({ browser }, run) => {
      const contexts = new Map<Name, Promise<BrowserContext>>();
      await run((who) => {
        const known = contexts.get(who) ?? enter(browser.newContext(calm), who);
        contexts.set(who, known);
        return known;
      });
      for (const context of contexts.values()) await (await context).close();
    },
    { scope: 'worker' },
  ],
  open: async ({ signedIn }, run) => {
    const pages: Page[] = [];
    const problems: string[] = [];
    await run(async (who, path) => {
      const page = await (await signedIn(who)).newPage();
      pages.push(page);
      await watch(page, problems);
      if (path) await page.goto(path);
      return page;
    });
    for (const page of pages) await page.close();
    expect(problems).toEqual([]);
  },
  page: async ({ browser }, run) => {
    const context = await browser.newContext(calm);
    const problems: string[] = [];
    const page = await context.newPage();
    await watch(page, problems);
    await run(page);
    await context.close();
    expect(problems).toEqual([]);
  },
});

/** Nothing moves, unless a journey is about what does. */
export const calm = {
  baseURL: process.env.GOLIVE_URL ?? 'http://127.0.0.1:8080',
  viewport: { width: 1280, height: 900 },
  reducedMotion: 'reduce' as const,
  timezoneId: 'America/New_York',
  locale: 'en-US',
};

const known = new Set(
  Object.values(
    JSON.parse(readFileSync(new URL('../documents.json', import.meta.url), 'utf8')) as Record<string, string>,
  ),
);

/** A network or an API that is away, and a sign-in that is refused. */
const doneByJourneys = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|login\/(welcome|callback)\S*: .* 403 /;

/** Notes what the browser complains of, and documents that a careful server would not know. */
async function watch(page: Page, problems: string[]) {
  const sends = (query: string | undefined) => query && !known.has(query) && problems.push(`unknown: ${query}`);
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/graphql')
      sends((request.postDataJSON() as { query: string } | null)?.query);
  });
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) =>
      sends((JSON.parse(String(payload)) as { payload?: { query?: string } }).payload?.query),
    ),
  );
  page.on('console', (message) => {
    if (
      ['error', 'warning'].includes(message.type()) &&
      !doneByJourneys.test(`${message.location().url}: ${message.text()}`)
    )
      problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`${event.effectiveDirective} ${event.blockedURI}`),
    );
  });
}

async function enter(context: Promise<BrowserContext>, who: Name) {
  const page = await (await context).newPage();
  await signIn(page, who);
  await page.close();
  return context;
}

/** Signs in as somebody of the demo tenant, by one click, and arrives at path. */
export async function signIn(page: Page, name: Name, path = '/t/demo/settings?section=me') {
  await page.goto(path);
  await choose(page, name);
  await page.waitForURL(/\/t\/demo/, { waitUntil: 'commit' });
}

/** The issuer's page asks who one is. */
export async function choose(page: Page, name: Name) {
  await page
    .getByRole('button', { name: new RegExp(name) })
    .or(page.getByRole('link', { name: new RegExp(name) }))
    .first()
    .click();
}

/** Opens a product as somebody, by the list's search. */
export async function openProduct(open: Open, who: Name, name: string) {
  const page = await open(who, `/t/demo/products?q=${encodeURIComponent(name)}`);
  await page.getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  return page;
}

/** Asks the API as whoever has opened the page, beside what the page does. */
export async function ask(page: Page, query: string, variables: object = {}) {
  const answer = await page.request.post('/graphql', {
    data: { query, variables },
    headers: { Origin: new URL(page.url()).origin },
  });
  const { data, errors } = (await answer.json()) as { data: Record<string, unknown>; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

export { accessible, expect };
