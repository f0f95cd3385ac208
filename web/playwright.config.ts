import { defineConfig } from '@playwright/test';

// Against a running Golive, whose address GOLIVE_URL is, in Debian's Chromium. A machine that
// does ten other things beside is slow, and nothing is wrong with the page then: the limits
// are for what hangs.
export default defineConfig({
  testDir: 'e2e',
  // Those among processes need somebody who kills and starts them: internal/e2e.
  projects: [
    { name: 'page', testIgnore: 'processes/**' },
    { name: 'processes', testMatch: 'processes/**' },
  ],
  workers: 1,
  reporter: 'line',
  timeout: 400_000,
  expect: { timeout: 120_000 },
  outputDir: 'node_modules/.e2e',
  use: {
    browserName: 'chromium',
    video: 'off',
    trace: 'off',
    screenshot: 'off',
    launchOptions: {
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
    },
  },
});
