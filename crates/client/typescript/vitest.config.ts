import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string) => fileURLToPath(new URL(`./src/${file}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@rosterd\/client$/, replacement: source('index.ts') },
      { find: /^@rosterd\/client\/open-webui$/, replacement: source('open-webui.ts') },
    ],
  },
  test: { include: ['tests/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 60_000 },
});
