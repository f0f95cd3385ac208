// What people wait for on the page, in Debian's Chromium against a running Golive. It is
// started by `go run ./internal/bench page`, which also writes the events that it watches.
// Its answers are lines of JSON.
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import lighthouse from 'lighthouse';

const { PAGE_URL: url, PAGE_LINK: link, PAGE_SLUG: slug, PAGE_DEPLOYMENT: deployment } = process.env;
const products = process.env.PAGE_PRODUCTS.split(',');
const say = (line) => console.log(JSON.stringify(line));

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: [
    `--remote-debugging-port=${port}`,
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

/** Notes in the page how long each interaction took to the next frame, and what shifted. */
function observe() {
  globalThis.seen = { interactions: {}, shift: 0, largest: 0, long: [] };
  const each = (type, see, more) =>
    new PerformanceObserver((list) => list.getEntries().forEach(see)).observe({ type, buffered: true, ...more });
  each(
    'event',
    ({ interactionId, duration }) => {
      const { interactions } = globalThis.seen;
      if (interactionId) interactions[interactionId] = Math.max(interactions[interactionId] ?? 0, duration);
    },
    { durationThreshold: 16 },
  );
  each('layout-shift', ({ value, hadRecentInput }) => {
    if (!hadRecentInput) globalThis.seen.shift += value;
  });
  each('largest-contentful-paint', ({ startTime }) => {
    globalThis.seen.largest = startTime;
  });
  each('longtask', ({ duration }) => globalThis.seen.long.push(duration));
}

/** Tells when something is to be seen for the first time: after the frame that has it. */
function watch(pattern) {
  const wanted = new RegExp(pattern);
  const known = new Set();
  globalThis.shown = [];
  new MutationObserver(() => {
    for (const { textContent } of document.querySelectorAll('main p')) {
      if (!wanted.test(textContent) || known.has(textContent)) continue;
      known.add(textContent);
      requestAnimationFrame(() =>
        setTimeout(() =>
          globalThis.shown.push({ message: textContent, at: performance.timeOrigin + performance.now() }),
        ),
      );
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}

const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 } });
const page = await context.newPage();
await page.addInitScript(observe);

async function signIn() {
  await page.goto(link);
  await page.getByRole('button').first().click();
  await page.waitForURL(/\/t\//);
}

/** The events of a deployment, as a person sees them who does other things beside. */
async function events() {
  await page.goto(`/t/${slug}/deployments/${deployment}`);
  await page.getByRole('progressbar').waitFor();
  await page.evaluate(watch, '^0x[0-9a-f]+-\\d+$');
  say({ ready: true });
  const end = Date.now() + 8000;
  while (Date.now() < end) {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type('set', { delay: 40 });
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.keyboard.press('Escape');
    await pause(100);
  }
  const { interactions } = await page.evaluate(() => globalThis.seen);
  say({ figure: 'inp', values: Object.values(interactions) });
  for (const shown of await page.evaluate(() => globalThis.shown)) say({ shown });
  say({ done: true });
}

/** From the click on "Make 3 changes live" to the bridge. */
async function clicks() {
  const took = [];
  for (const product of products) {
    await page.goto(`/t/${slug}/products/${product}`);
    await page.getByRole('button', { name: 'Go live' }).click();
    const make = page.getByRole('button', { name: /^Make \d+ changes? live$/ });
    await make.waitFor();
    await page.evaluate(() => {
      globalThis.first = new Promise((resolve) => {
        document.addEventListener(
          'pointerdown',
          ({ timeStamp }) => {
            new MutationObserver((_, observer) => {
              if (!document.querySelector('[role=progressbar]')) return;
              observer.disconnect();
              requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - timeStamp)));
            }).observe(document.body, { subtree: true, childList: true });
          },
          { capture: true, once: true },
        );
      });
    });
    await make.click();
    took.push(await page.evaluate(() => globalThis.first));
    await page
      .getByText(/ is live$/)
      .first()
      .waitFor();
  }
  say({ figure: 'click', values: took });
}

const views = { products: `/t/${slug}/products`, product: `/t/${slug}/products/${products[0]}` };

/** As the page loads on this machine, without a slow network in between. */
async function loads() {
  for (const [view, path] of Object.entries(views)) {
    for (let i = 0; i < 3; i++) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      const { largest, shift } = await page.evaluate(() => globalThis.seen);
      say({ figure: `lcp ${view}`, values: [largest] });
      say({ figure: `cls ${view}`, values: [shift] });
    }
  }
}

/** As Lighthouse's slow phone has it. */
async function audits() {
  const cookies = await context.cookies(url);
  const extraHeaders = { Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
  for (const [view, path] of Object.entries(views)) {
    for (let i = 0; i < 3; i++) {
      const { lhr } = await lighthouse(`${url}${path}`, {
        port,
        extraHeaders,
        logLevel: 'error',
        onlyCategories: ['performance', 'accessibility', 'best-practices'],
      });
      for (const [category, { score }] of Object.entries(lhr.categories))
        say({ figure: `${category} ${view}`, values: [Math.round((score ?? 0) * 100)] });
      for (const { id, score } of Object.values(lhr.audits))
        if (score !== null && score < 0.9) say({ remark: `${view}: ${id} ${score}` });
    }
  }
}

/** Whether a long list scrolls without a halt: rows are loaded first, and then scrolled over. */
async function scrolls() {
  await page.goto(`/t/${slug}/deployments`);
  const older = page.getByRole('button', { name: 'Show older' });
  await older.waitFor();
  const count = () => page.evaluate(() => document.querySelectorAll('main .row').length);
  for (let i = 0; i < 20 && (await older.isVisible()); i++) {
    const before = await count();
    await older.click();
    await page.waitForFunction((before) => document.querySelectorAll('main .row').length > before, before);
  }
  const rows = await count();
  await page.evaluate(() => {
    globalThis.seen.long.length = 0;
  });
  for (let i = 0; i < 60; i++) {
    await page.mouse.wheel(0, i < 30 ? 2000 : -2000);
    await pause(30);
  }
  say({ figure: 'scroll', values: [0, ...(await page.evaluate(() => globalThis.seen.long))], rows });
}

await signIn();
for (const part of process.env.PAGE_PARTS.split(',')) await { events, clicks, loads, audits, scrolls }[part]();
await browser.close();
