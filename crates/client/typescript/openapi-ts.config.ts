import { readFileSync } from 'node:fs';

import { defineConfig } from '@hey-api/openapi-ts';

const document = JSON.parse(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'));
// What identity providers ask by SCIM is not for clients of accounts.
for (const path of Object.keys(document.paths)) {
  if (path.startsWith('/scim/v2/')) delete document.paths[path];
}
for (const schema of ['ScimResource', 'ScimListResponse', 'ScimError']) delete document.components.schemas[schema];

/** `npm run generate` writes src/generated anew from the server's document. */
export default defineConfig({
  input: document,
  output: { path: 'src/generated', importFileExtension: '.js' },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
});
