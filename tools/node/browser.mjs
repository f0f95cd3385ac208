// Debian's Chromium, for tests of pages. Playwright's own browsers are never fetched.
import { chromium } from 'playwright-core';

// open starts a browser. Its page notes what a person with the console open would see go
// wrong, in complaints.
export async function open() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(120_000); // the test's own patience is what counts
  const complaints = [];
  page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()));
  page.on('pageerror', (e) => complaints.push(String(e)));
  return { browser, context, page, complaints };
}
