import { defineConfig } from '@hey-api/openapi-ts';

import { documentOfAccounts } from './document.js';

/** `npm run generate` writes src/generated anew from the server's document. */
export default defineConfig({
  input: documentOfAccounts(),
  output: { path: 'src/generated', importFileExtension: '.js' },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
});
