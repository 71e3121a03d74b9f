import { defineConfig } from '@hey-api/openapi-ts';

/** `npm run generate` writes src/generated anew from the server's document. */
export default defineConfig({
  input: '../../../docs/openapi.json',
  output: { path: 'src/generated', importFileExtension: '.js' },
  // What identity providers ask by SCIM is not for clients of accounts.
  parser: { filters: { operations: { exclude: ['/ \\/scim\\/v2\\//'] }, orphans: false } },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
});
