export * from './generated/index.js';
export type { Client } from './generated/client/index.js';
export { createRosterd, type RosterdOptions, type Token } from './client.js';
export { isRosterdError, messageOf, RosterdFailure, unwrap, type RosterdError } from './errors.js';
export { everyFoundUser, everyUser } from './pages.js';
// The names of the document, where the generator spells them otherwise.
export {
  createApiKey as createAPIKey,
  createNamedApiKey as createNamedAPIKey,
  deleteApiKeyById as deleteAPIKeyById,
  listApiKeys as listAPIKeys,
  listUserApiKeys as listUserAPIKeys,
  deleteUserApiKey as deleteUserAPIKey,
  deleteUserApiKeys as deleteUserAPIKeys,
  deleteApiKey as deleteAPIKey,
  getApiKey as getAPIKey,
} from './generated/index.js';
