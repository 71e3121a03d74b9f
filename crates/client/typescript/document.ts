import { readFileSync } from 'node:fs';

/** The server's document as far as it is for clients of accounts: what identity providers ask by SCIM is not. */
export function documentOfAccounts(): Record<string, unknown> {
  const file = new URL('../../../docs/openapi.json', import.meta.url);
  const document = JSON.parse(readFileSync(file, 'utf8'));
  for (const path of Object.keys(document.paths)) {
    if (path.startsWith('/scim/v2/')) delete document.paths[path];
  }
  for (const schema of ['ScimResource', 'ScimListResponse', 'ScimError']) delete document.components.schemas[schema];
  return document;
}
