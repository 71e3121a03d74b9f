import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeGroup } from '../examples/failures.js';
import { darken } from '../examples/open-webui.js';
import { tour } from '../examples/users.js';
import { actors, startServer, tokenOf, type Server } from './server.js';

let server: Server;

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => server.stop());

test('docs/CLIENTS.md shows these examples and no other', () => {
  const page = readFileSync(new URL('../../../../docs/CLIENTS.md', import.meta.url), 'utf8');
  const shown = [...page.matchAll(/```ts\n([^]*?)```/g)].map((block) => block[1]);
  const folder = new URL('../examples/', import.meta.url);
  const files = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  expect(shown.sort()).toEqual(files.sort());
});

test('they work', async () => {
  const emails = await tour(server.url, 'ada@example.com', actors.password);
  expect(emails).toHaveLength(84);
  expect(await makeGroup(server.url, tokenOf('ada'), 'Readers')).toMatch(/^[0-9a-f-]{36}$/);
  expect(await makeGroup(server.url, tokenOf('ada'), 'x'.repeat(256))).toContain('body/name');
  expect(await darken(server.url, tokenOf('alice'))).toMatchObject({ ui: { theme: 'dark' } });
});
