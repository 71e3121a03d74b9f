import { createClient } from '@hey-api/openapi-ts';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { documentOfAccounts } from '../document.js';
import config from '../openapi-ts.config.js';

/** Every file below a folder, with its text. */
function files(folder: string, below = folder): Record<string, string> {
  return Object.assign(
    {},
    ...readdirSync(folder).map((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? files(path, below) : { [relative(below, path)]: readFileSync(path, 'utf8') };
    }),
  ) as Record<string, string>;
}

test('the generated code is that of the document; if not: npm run generate', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rosterd-generated-'));
  try {
    const { plugins } = (await config) as unknown as { plugins: [] };
    const input = documentOfAccounts();
    await createClient({ input, output: { path: folder, importFileExtension: '.js' }, plugins, logs: { level: 'silent' } });
    expect(files(folder)).toEqual(files(fileURLToPath(new URL('../src/generated', import.meta.url))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
