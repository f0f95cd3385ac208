// Pictures of the gallery's scenes: node test/gallery/shots.mjs FOLDER [SCENE…]
import { chromium } from 'playwright-core';
import { preview } from 'vite';

const [folder, ...wanted] = process.argv.slice(2);
// Port 0: the system gives one that nobody has.
const server = await preview({ configFile: 'vite.gallery.config.ts', preview: { port: 0, host: '127.0.0.1' } });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const at = `http://127.0.0.1:${server.httpServer.address().port}/gallery.html`;
try {
  // By a clock that stands, so that a picture changes only where the page does.
  const page = await browser.newPage({ locale: 'en-GB', timezoneId: 'Europe/Berlin' });
  await page.clock.setFixedTime(new Date('2026-12-01T08:30:00Z'));
  page.on(
    'console',
    (message) => ['error', 'warning'].includes(message.type()) && console.log(`${page.url()}: ${message.text()}`),
  );
  page.on('pageerror', (error) => console.log(`${page.url()}: ${error}`));
  await page.goto(at);
  const scenes = wanted.length > 0 ? wanted : await page.locator('a').allTextContents();
  for (const scene of scenes) {
    for (const [width, height, colorScheme] of [
      [1280, 900, 'light'],
      [390, 844, 'light'],
      [1280, 900, 'dark'],
      [390, 844, 'dark'],
    ]) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(`${at}?scene=${scene}`);
      await page.waitForTimeout(700);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) console.log(`${scene} at ${width}: ${wide} px too wide`);
      // As high as the page is, so that what keeps to the screen's foot hides nothing.
      const overlaid = scene.startsWith('review') || scene.includes('dialog');
      const tall = await page.evaluate(() => document.documentElement.scrollHeight);
      if (!overlaid) await page.setViewportSize({ width, height: Math.max(height, tall) });
      await page.screenshot({ path: `${folder}/${scene}-${width}-${colorScheme}.png` });
    }
  }
} finally {
  await browser.close();
  await server.close();
}
