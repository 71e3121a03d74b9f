import { defineConfig } from '@playwright/test';

// One server and one browser at a time: the flows change the same people, each its own, and the machine is small.
export default defineConfig({
  testDir: 'tests',
  globalSetup: './tests/setup.ts',
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  forbidOnly: true,
  // A browser on a machine that has other work is late now and then. What fails twice is wrong.
  retries: process.env['CI'] ? 1 : 0,
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    viewport: { width: 1360, height: 850 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      // In a container the browser has no namespaces of its own. It opens pages of this program only.
      args: ['--no-sandbox'],
    },
  },
});
